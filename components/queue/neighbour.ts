type From = {
  readonly openId: string | null;
  /** Where the open row was when it was last seen in the list. */
  readonly place: number;
  readonly step: 1 | -1;
};

/**
 * The row that `j` or `k` leads to: the next or previous one that still waits. Without an open row it is the first or last; where
 * the open row has left the list, `place` is where it was.
 */
export function neighbourOf<Row extends { readonly id: string }>(rows: readonly Row[], gone: ReadonlySet<string>, { openId, place, step }: From): Row | undefined {
  const index = rows.findIndex(({ id }) => id === openId);
  const start = index >= 0 ? index + step : openId === null ? (step === 1 ? 0 : rows.length - 1) : step === 1 ? place : place - 1;
  for (let at = start; at >= 0 && at < rows.length; at += step) {
    const row = rows[at];
    if (row && !gone.has(row.id)) return row;
  }
  return undefined;
}
