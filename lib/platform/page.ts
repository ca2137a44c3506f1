import type { CappedCount } from "./format";

/** One keyset page of a list, as it travels to the browser. */
export type Page<Row> = {
  readonly rows: readonly Row[];
  /** Cursor of the page after this one; null on the last. */
  readonly next: string | null;
  /** Cursor of the page before this one; null on the first. */
  readonly previous: string | null;
  /** Of the whole filtered list; null where it was not counted. */
  readonly total: CappedCount | null;
};

/** How a list is sorted, as its column and its URL say it. */
export type Sort<Key extends string = string> = { readonly key: Key; readonly direction: "asc" | "desc" };
