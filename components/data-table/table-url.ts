import type { Sort } from "@/lib/platform/page";

/** Parameters to set in a URL; null takes one out. */
export type UrlChanges = Readonly<Record<string, string | null>>;

/** The same list with other parameters; a page further on makes no sense once the list is another one. */
export function listHref(pathname: string, current: string, changes: UrlChanges): string {
  const params = new URLSearchParams(current);
  if (!("after" in changes) && !("before" in changes)) {
    params.delete("after");
    params.delete("before");
  }
  // What stood open beside the list belongs to the rows that were shown.
  if (!("open" in changes)) params.delete("open");
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === "") params.delete(key);
    else params.set(key, value);
  }
  const query = params.toString();
  return query ? `${pathname}?${query}` : pathname;
}

/** What the `sort` parameter says after a click on a column: its first direction, then the other one. */
export function sortAfterClick(sort: Sort, key: string, first: "asc" | "desc"): string {
  const direction = sort.key === key ? (sort.direction === "asc" ? "desc" : "asc") : first;
  return direction === "asc" ? key : `-${key}`;
}
