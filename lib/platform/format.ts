const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const steps = [
  { unit: "d", size: day },
  { unit: "h", size: hour },
  { unit: "min", size: minute },
  { unit: "s", size: second },
] as const;

/** A time as it crosses from the server to the browser: a date, its ISO text, or milliseconds since 1970. */
export type Instant = Date | string | number;

/** Milliseconds since 1970; not a number when the text is no time. */
export function toMilliseconds(instant: Instant): number {
  return instant instanceof Date ? instant.getTime() : new Date(instant).getTime();
}

/**
 * A length of time that reads like speech: `45 s`, `3 min`, `2 h 15 min`, `3 d 4 h`. At most two units, cut and not
 * rounded up, so that what is left is never overstated. Seconds are told below ten minutes only.
 */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return "—";
  const length = Math.abs(milliseconds);
  if (length < second) return length === 0 ? "0 s" : "less than 1 s";
  const index = steps.findIndex((step) => length >= step.size);
  const first = steps[index] ?? steps[3];
  const whole = Math.floor(length / first.size);
  const next = steps[index + 1];
  const skipsSeconds = first.unit === "min" && whole >= 10;
  const rest = next && !skipsSeconds ? Math.floor((length % first.size) / next.size) : 0;
  const head = `${formatCount(whole)} ${first.unit}`;
  return next && rest > 0 ? `${head} ${rest} ${next.unit}` : head;
}

/** As `formatDuration`, from the whole seconds that grants and policies are written in. */
export function formatSeconds(seconds: number): string {
  return formatDuration(seconds * second);
}

/** The coarsest honest unit: `8 s ago`, `3 min ago`, `5 h ago`, `12 d ago`, `in 20 s`; `now` within a second. */
export function formatRelative(instant: Instant, now: Instant): string {
  const difference = toMilliseconds(instant) - toMilliseconds(now);
  if (!Number.isFinite(difference)) return "—";
  const length = Math.abs(difference);
  if (length < second) return "now";
  const step = steps.find((candidate) => length >= candidate.size) ?? steps[3];
  const text = `${formatCount(Math.floor(length / step.size))} ${step.unit}`;
  return difference < 0 ? `${text} ago` : `in ${text}`;
}

/** Exact and zone-free: `2026-11-22 10:02:05 UTC`. */
export function formatUtc(instant: Instant): string {
  const milliseconds = toMilliseconds(instant);
  if (!Number.isFinite(milliseconds)) return "—";
  const iso = new Date(milliseconds).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** Year, month, day: `2026-11-22` in UTC. */
export function formatUtcDay(instant: Instant): string {
  return formatUtc(instant).slice(0, 10);
}

/** The clock's face at that time: `10:02`, with the day in front when it is another day than `now`. */
export function formatClock(instant: Instant, now: Instant, timeZone = "UTC"): string {
  const milliseconds = toMilliseconds(instant);
  if (!Number.isFinite(milliseconds)) return "—";
  const parts = clockParts(milliseconds, timeZone);
  const sameDay = parts.day === clockParts(toMilliseconds(now), timeZone).day;
  return sameDay ? parts.time : `${parts.day} ${parts.time}`;
}

function clockParts(milliseconds: number, timeZone: string): { day: string; time: string } {
  const at = new Date(milliseconds);
  const day = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" });
  const time = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return { day: day.format(at), time: time.format(at) };
}

/** What a countdown shows: `0:09`, `11:42`, `1:02:09`, `3 d 4 h`; never below zero. */
export function formatCountdown(milliseconds: number): string {
  if (milliseconds >= day) return formatDuration(milliseconds);
  const seconds = Math.max(0, Math.ceil(milliseconds / second));
  const pad = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** A whole number with thousands set apart: `1,204`. */
export function formatCount(count: number | bigint): string {
  return new Intl.NumberFormat("en-GB").format(count);
}

/** A count that stopped looking at a limit says so: `10,000+`. */
export type CappedCount = { readonly count: number; readonly capped: boolean };

/** `1,204`, or `10,000+` where counting stopped. */
export function formatCapped({ count, capped }: CappedCount): string {
  return capped ? `${formatCount(count)}+` : formatCount(count);
}

/** Number and noun: `1 row`, `1,204 rows`, `2 entries`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function formatList(items: readonly string[], word = "and"): string {
  const head = items.slice(0, -1).join(", ");
  const last = items.at(-1) ?? "";
  return head ? `${head} ${word} ${last}` : last;
}

/** How far two clocks are apart, in words: `in step`, `2.4 s ahead of Curfew's`, `450 ms behind Curfew's`. */
export function formatClockOffset(milliseconds: number): string {
  const length = Math.abs(milliseconds);
  if (length < 100) return "in step with Curfew's";
  const size = length < second ? `${Math.round(length)} ms` : `${(length / second).toFixed(1)} s`;
  return `${size} ${milliseconds > 0 ? "ahead of" : "behind"} Curfew's`;
}
