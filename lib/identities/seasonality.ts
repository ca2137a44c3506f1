const dayMilliseconds = 86_400_000;
/** Days of use that lie this close together are one occasion: a job that runs over a weekend is one run. */
const occasionGapDays = 2;

type Period = "weekly" | "monthly" | "quarterly" | "yearly";

/**
 * Rhythms by the days between the starts of two occasions. Months and quarters are not of one length, and jobs slip over a
 * weekend or a holiday; the grace is how late the next use may come before its absence means anything.
 */
const rhythms = [
  { period: "weekly", shortest: 6, longest: 8, graceDays: 3, occasions: 4 },
  { period: "monthly", shortest: 26, longest: 34, graceDays: 7, occasions: 3 },
  { period: "quarterly", shortest: 84, longest: 98, graceDays: 14, occasions: 3 },
  { period: "yearly", shortest: 351, longest: 379, graceDays: 30, occasions: 3 },
] as const satisfies readonly { period: Period; shortest: number; longest: number; graceDays: number; occasions: number }[];

/** A rhythm seen in the days on which an identity was at work. */
export type Season = {
  readonly period: Period;
  /** "used on the first of each quarter" */
  readonly words: string;
  /** How many occasions it was read from. */
  readonly occasions: number;
  /** Until then nothing is missing. */
  readonly dueAt: Date;
};

function dayNumber(day: Date): number {
  return Math.floor(day.getTime() / dayMilliseconds);
}

/** First days of the occasions on which it was used, in order. */
function occasionsOf(days: readonly Date[]): number[] {
  const sorted = [...new Set(days.map(dayNumber))].sort((left, right) => left - right);
  return sorted.filter((day, index) => index === 0 || day - (sorted[index - 1] ?? day) > occasionGapDays);
}

/**
 * Reads the rhythm of an identity that works seldom but regularly; null where there is none. The order of the days does not
 * matter. Whoever works every day or two has no season: its silence speaks for itself.
 */
export function readSeason(days: readonly Date[]): Season | null {
  const starts = occasionsOf(days);
  const gaps = starts.slice(1).map((day, index) => day - (starts[index] ?? day));
  const rhythm = rhythms.find(({ shortest, longest, occasions }) => starts.length >= occasions && gaps.every((gap) => gap >= shortest && gap <= longest));
  const last = starts.at(-1);
  if (!rhythm || last === undefined) return null;
  const dates = starts.map((day) => new Date(day * dayMilliseconds));
  const dueAt = new Date((last + rhythm.longest + rhythm.graceDays) * dayMilliseconds);
  return { period: rhythm.period, words: wordsOf(rhythm.period, dates), occasions: starts.length, dueAt };
}

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const quarterMonths: readonly number[] = [0, 3, 6, 9];
/** A job of "the first" may start a day or two later. */
const firstDays = 3;

function wordsOf(period: Period, dates: readonly Date[]): string {
  const monthDays = dates.map((date) => date.getUTCDate());
  const isFirst = monthDays.every((day) => day <= firstDays);
  const [monthDay = 1] = monthDays;
  const isSameDay = monthDays.every((day) => Math.abs(day - monthDay) <= 1);
  switch (period) {
    case "weekly": {
      const [first] = new Set(dates.map((date) => date.getUTCDay()));
      const isSameWeekday = dates.every((date) => date.getUTCDay() === first);
      return isSameWeekday && first !== undefined ? `used every ${weekdays[first] ?? "week"}` : "used about once a week";
    }
    case "monthly":
      if (isFirst) return "used on the first of each month";
      return isSameDay ? `used around day ${monthDay} of each month` : "used about once a month";
    case "quarterly":
      return isFirst && dates.every((date) => quarterMonths.includes(date.getUTCMonth())) ? "used on the first of each quarter" : "used about once a quarter";
    case "yearly":
      return "used about once a year";
  }
}
