import type { QuestionRow, Schedule } from "@/lib/questions/types";

/** When a question is answered by itself. */
export const scheduleWords = {
  never: "only when somebody asks",
  daily: "every day, about the day before",
  weekly: "every week, about the week before",
  monthly: "every month, about the month before",
  quarterly: "every quarter, about the quarter before",
} as const satisfies Record<Schedule, string>;

const refusalWords: Readonly<Record<string, string>> = {
  "may-not-export": "its keeper may not take exports any more",
  "too-many-exports": "too many of its keeper’s exports were waiting",
  "filter-unknown": "its filter is not understood any more",
};

/** What the last run of a scheduled question came to. */
export function lastRunText({ lastPeriod, lastRefusal }: Pick<QuestionRow, "lastPeriod" | "lastRefusal">): string | null {
  if (!lastPeriod) return null;
  const period = lastPeriod.from === lastPeriod.to ? lastPeriod.from : `${lastPeriod.from} to ${lastPeriod.to}`;
  return lastRefusal === null ? `last asked about ${period}` : `not asked about ${period}: ${refusalWords[lastRefusal] ?? lastRefusal.replaceAll("-", " ")}`;
}
