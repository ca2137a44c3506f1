const hourMs = 3_600_000;

/** A checkpoint leaves the house at least daily, with room for tries that fail. */
const everyHours = 12;

/** When the next one is due after one that arrived. */
export function dueAfterSent(now: Date): Date {
  return new Date(now.getTime() + everyHours * hourMs);
}

const delaysMinutes = [1, 5, 15, 60, 180];

/** When to try again after so many failures in a row. */
export function dueAfterFailure(failures: number, now: Date): Date {
  const minutes = delaysMinutes[Math.min(failures, delaysMinutes.length) - 1] ?? 1;
  return new Date(now.getTime() + minutes * 60_000);
}
