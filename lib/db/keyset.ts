import type { Sort } from "@/lib/platform/page";
import { type CursorPlace, decodeCursor, encodeCursor } from "./cursor";

/**
 * One stretch of an index to read: rows that have a value, or rows that have none; from a place on (that row left out)
 * or from the stretch's end.
 */
export type KeysetRange = {
  readonly values: "present" | "absent";
  readonly from: CursorPlace | null;
  readonly order: "asc" | "desc";
  readonly take: number;
};

type KeysetQuery<Row> = {
  readonly sort: Sort;
  readonly after: string | null;
  readonly before: string | null;
  readonly size: number;
  /** True where the sorted column may be null: those rows come last in either direction. */
  readonly nullable?: boolean;
  readonly placeOf: (row: Row) => CursorPlace;
  readonly read: (range: KeysetRange) => Promise<Row[]>;
};

type KeysetRows<Row> = { readonly rows: Row[]; readonly next: string | null; readonly previous: string | null };

/**
 * Reads one page of a sorted list in either direction. Each read is one range of one index, so the millionth page costs
 * what the first one does. A cursor that means nothing is the first page.
 */
export async function readKeysetPage<Row>(query: KeysetQuery<Row>): Promise<KeysetRows<Row>> {
  const before = decodeCursor(query.before, query.sort);
  const from = before ?? decodeCursor(query.after, query.sort);
  const backwards = before !== null;
  const found = await readOn(query, from, backwards);
  const isMore = found.length > query.size;
  const rows = found.slice(0, query.size);
  if (backwards) {
    rows.reverse();
    // A page that reaches the beginning and is not full would be a torn first page: read the real one.
    if (!isMore && rows.length < query.size) return readKeysetPage({ ...query, before: null, after: null });
  }
  const first = rows.at(0);
  const last = rows.at(-1);
  const hasPrevious = backwards ? isMore : from !== null;
  const hasNext = backwards ? true : isMore;
  return {
    rows,
    previous: first && hasPrevious ? encodeCursor(query.sort, query.placeOf(first)) : null,
    next: last && hasNext ? encodeCursor(query.sort, query.placeOf(last)) : null,
  };
}

async function readOn<Row>(query: KeysetQuery<Row>, from: CursorPlace | null, backwards: boolean): Promise<Row[]> {
  const order = (query.sort.direction === "asc") === backwards ? "desc" : "asc";
  const stretches: ("present" | "absent")[] = query.nullable ? ["present", "absent"] : ["present"];
  if (backwards) stretches.reverse();
  const start = from ? (from.value === null ? "absent" : "present") : stretches[0];
  const rows: Row[] = [];
  for (const values of stretches.slice(stretches.indexOf(start ?? "present"))) {
    const missing = query.size + 1 - rows.length;
    if (missing <= 0) break;
    rows.push(...(await query.read({ values, from: values === start ? from : null, order, take: missing })));
  }
  return rows;
}

/** Comparisons for a `where` that starts behind a place: `value >= v and (value > v or id > i)`, the other way round downwards. */
export function behind<Value>(order: "asc" | "desc", value: Value, id: string) {
  return order === "asc"
    ? { edge: { gte: value }, beyond: { gt: value }, id: { gt: id } }
    : { edge: { lte: value }, beyond: { lt: value }, id: { lt: id } };
}
