import type { Page } from "@/lib/platform/page";
import type { ApprovalRow } from "@/lib/requests/views/types";

/** The rows that somebody looks at, compared with what waits now: the list does not move under the pointer. */
export type Difference = {
  /** Ids on screen that do not wait any more. */
  readonly gone: ReadonlySet<string>;
  /** How many wait that are not on screen. */
  readonly fresh: number;
};

const ranks = { critical: 0, high: 1, medium: 2, low: 3 } as const;

function isBehind(row: ApprovalRow, last: ApprovalRow): boolean {
  const rank = ranks[row.sensitivity] - ranks[last.sensitivity];
  return rank !== 0 ? rank > 0 : row.submittedAt > last.submittedAt;
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

/**
 * The row that `j` or `k` leads to: the next or previous one that still waits. Without an open row it is the first or last; where
 * the open row has left the list, `place` is where it was.
 */
export function neighbourOf(rows: readonly ApprovalRow[], gone: ReadonlySet<string>, { openId, place, step }: { openId: string | null; place: number; step: 1 | -1 }): ApprovalRow | undefined {
  const index = rows.findIndex(({ id }) => id === openId);
  const start = index >= 0 ? index + step : openId === null ? (step === 1 ? 0 : rows.length - 1) : step === 1 ? place : place - 1;
  for (let at = start; at >= 0 && at < rows.length; at += step) {
    const row = rows[at];
    if (row && !gone.has(row.id)) return row;
  }
  return undefined;
}
