const iso = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)([.,]\d{1,9})? ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/;
const earliest = Date.UTC(2000, 0);
const latest = Date.UTC(2200, 0);

/** A time of a log, or why it is none. A time without a zone that is known says nothing. */
export function timeOf(text: string | null): Date | "no-time" | "time-zone-unknown" {
  const [, day, time, fraction, zone] = iso.exec(text?.trim() ?? "") ?? [];
  if (day === undefined || time === undefined) return /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d/.test(text?.trim() ?? "") ? "time-zone-unknown" : "no-time";
  if (zone === undefined) return "time-zone-unknown";
  const milliseconds = (fraction ?? ".0").slice(1, 4).padEnd(3, "0");
  return within(new Date(`${day}T${time}.${milliseconds}${offsetOf(zone)}`));
}

function offsetOf(zone: string): string {
  if (zone === "Z" || zone === "UTC" || zone === "GMT") return "Z";
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  return `${zone[0] ?? "+"}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

/** A time in milliseconds since 1970. */
export function timeOfMilliseconds(value: number | null): Date | "no-time" {
  return value === null ? "no-time" : within(new Date(value));
}

function within(date: Date): Date | "no-time" {
  const at = date.getTime();
  return at >= earliest && at < latest ? date : "no-time";
}
