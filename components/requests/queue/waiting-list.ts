import type { Page } from "@/lib/platform/page";
import type { ApprovalRow } from "@/lib/requests/views/types";

/** The rows that somebody looks at, compared with what waits now: the list does not move under the pointer. */
export type Difference = {
  /** Ids on screen that do not wait any more. */
  readonly gone: ReadonlySet<string>;
  /** How many wait that are not on screen. */
  readonly fresh: number;
};

function isBehind(row: ApprovalRow, last: ApprovalRow): boolean {
  const less = last.risk.points - row.risk.points;
  return less !== 0 ? less > 0 : row.submittedAt > last.submittedAt;
}

/** What changed in a queue. A row that newer ones pushed to the next page still waits. */
export function differenceOf(shown: readonly ApprovalRow[], page: Page<ApprovalRow>): Difference {
  const waiting = new Set(page.rows.map(({ id }) => id));
  const known = new Set(shown.map(({ id }) => id));
  const last = page.rows.at(-1);
  const mayBeOnNextPage = (row: ApprovalRow) => page.next !== null && last !== undefined && isBehind(row, last);
  const gone = shown.filter((row) => !waiting.has(row.id) && !mayBeOnNextPage(row)).map(({ id }) => id);
  return { gone: new Set(gone), fresh: page.rows.filter(({ id }) => !known.has(id)).length };
}
