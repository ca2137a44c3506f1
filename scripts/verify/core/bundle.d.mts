import type { Platform, Source } from "./platform";

/** Something that is wrong: in which file, where in it, and what. */
export type Problem = { readonly file: string; readonly at: string | null; readonly what: string };

/** What a verification found. */
export type Result = {
  readonly ok: boolean;
  /** The first thing that is wrong. */
  readonly first: Problem | null;
  readonly problems: readonly Problem[];
  readonly proven: readonly string[];
  readonly notProven: readonly string[];
  readonly about: Readonly<Record<string, string | number | null>>;
};

/** The form of bundles that is known. */
export const format: string;

/** Checks a bundle. `keys`: verifier keys that the reader has from elsewhere; `checkpoint`: one that the reader kept; `atOnce`: so many requests are known before their rows are read. */
export function verifyBundle(of: {
  readonly source: Source;
  readonly platform: Platform;
  readonly keys?: readonly string[];
  readonly checkpoint?: Uint8Array | null;
  readonly onProgress?: (share: number) => void;
  readonly atOnce?: number;
}): Promise<Result>;
