import type { CappedCount } from "@/lib/platform/format";

/** One value of a filter as the server counts it. */
export type FacetValue = { readonly value: string; readonly label: string | null; readonly count: CappedCount };

const notOfTheFilter = ["after", "before", "sort", "open", "hide"];

/** Address of the counts of one filter, the others as they are in the list's address. */
export function facetAddress(route: string, current: string, ask: { readonly dimension: string; readonly search: string }): string {
  const params = new URLSearchParams(current);
  for (const name of notOfTheFilter) params.delete(name);
  params.set("dimension", ask.dimension);
  if (ask.search !== "") params.set("search", ask.search);
  return `${route}?${params.toString()}`;
}
