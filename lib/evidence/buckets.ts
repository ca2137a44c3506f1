import { type Bar, type Bars, type BarStep, type SeriesCounts, type SeriesKind } from "./views/series-types";

const dayMs = 86_400_000;
const mostDays = 45;
const mostWeeks = 30;

/** How often something of one kind fell on one day. */
export type DayCount = { readonly kind: SeriesKind; readonly day: string; readonly n: number };

const numberOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / dayMs;
const dayOf = (number: number) => new Date(number * dayMs).toISOString().slice(0, 10);

/** What one bar stands for when the whole period has so many days: never more bars than can be told apart. */
export function stepOf(days: number): BarStep {
  if (days <= mostDays) return "day";
  return days <= mostWeeks * 7 ? "week" : "month";
}

/** First day of the bar that a day falls into. Weeks begin on Monday. */
function startOf(day: string, step: BarStep): string {
  if (step === "day") return day;
  if (step === "month") return `${day.slice(0, 7)}-01`;
  const number = numberOf(day);
  // 1 January 1970 was a Thursday.
  return dayOf(number - ((number + 3) % 7));
}

function nextStart(start: string, step: BarStep): string {
  if (step !== "month") return dayOf(numberOf(start) + (step === "day" ? 1 : 7));
  const [year = 0, month = 0] = start.split("-").map(Number);
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
}

const none: SeriesCounts = { asked: 0, "turned-down": 0, issued: 0, used: 0, ended: 0, expired: 0, proven: 0 };

/** Bars of one length from the first day to the last, empty ones too: a gap is seen as one. */
export function barsOf(counts: readonly DayCount[]): Bars {
  const days = counts.map(({ day }) => day).sort();
  const first = days[0];
  const last = days.at(-1);
  if (first === undefined || last === undefined) return { step: "day", bars: [] };
  const step = stepOf(numberOf(last) - numberOf(first) + 1);
  const sums = new Map<string, Record<SeriesKind, number>>();
  for (const { kind, day, n } of counts) {
    const start = startOf(day, step);
    const sum = sums.get(start) ?? { ...none };
    sum[kind] += n;
    sums.set(start, sum);
  }
  const bars: Bar[] = [];
  for (let from = startOf(first, step); from <= last; from = nextStart(from, step)) {
    bars.push({ from, to: dayOf(numberOf(nextStart(from, step)) - 1), counts: sums.get(from) ?? none });
  }
  return { step, bars };
}

/** The period to filter by for one bar: inside the one that is filtered by already, or rows would come that the bar does not count. */
export function periodOfBar({ from, to }: Pick<Bar, "from" | "to">, filter: { readonly from?: string | undefined; readonly to?: string | undefined }): { readonly from: string; readonly to: string } {
  return { from: filter.from !== undefined && filter.from > from ? filter.from : from, to: filter.to !== undefined && filter.to < to ? filter.to : to };
}
