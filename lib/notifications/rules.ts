import { allows, type Permission, type Role } from "@/lib/auth/permissions";
import type { Concern, MailMode, NoticeGroup, NoticeKind, Preferences } from "./types";

/** Who may be told: whoever holds `permission` and is concerned, or whose role alone lets them know. */
type Audience = {
  readonly group: NoticeGroup;
  readonly permission: Permission;
  readonly concerns: readonly Concern[];
  readonly roleAlone?: readonly Permission[];
  /** Told each time, not once per subject. */
  readonly repeats?: true;
  /** Asks its reader to do something, and is settled once that is done. */
  readonly asks?: true;
};

const deciding = { group: "decisions", permission: "request:decide", concerns: ["asked"], asks: true } as const;
const ofRequest = { group: "own", permission: "request:view", concerns: ["asker", "side", "asked"], roleAlone: ["request:view-all"] } as const;
const ofGrant = { group: "own", permission: "session:view", concerns: ["asker", "side"] } as const;
const emergency = { group: "emergency", permission: "session:view", concerns: ["asker", "side", "asked", "owner-side", "resource"], roleAlone: ["request:decide", "session:view-all"] } as const;

const audiences: Readonly<Record<NoticeKind, Audience>> = {
  "request-to-decide": deciding,
  "request-reminder": { ...deciding, repeats: true },
  "request-escalated": { ...deciding, repeats: true },
  "request-decided": ofRequest,
  "request-lapsed": ofRequest,
  "request-question": { ...ofRequest, repeats: true },
  "request-comment": { ...ofRequest, repeats: true },
  "request-rerouted": { ...ofRequest, repeats: true },
  "grant-approved": ofGrant,
  "grant-ready": { ...ofGrant, asks: true },
  "grant-ending-soon": { ...ofGrant, repeats: true },
  "grant-ended": ofGrant,
  "end-stuck": { group: "trouble", permission: "session:view", concerns: ["asker", "side", "owner-side", "resource"], roleAlone: ["session:view-all"], repeats: true },
  "ticket-down": { group: "trouble", permission: "ticket-provider:view", concerns: [], roleAlone: ["ticket-provider:view"], repeats: true, asks: true },
  "break-glass-used": emergency,
  "break-glass-skipped": emergency,
  "debt-due": { ...emergency, repeats: true },
  "debt-overdue": { ...emergency, repeats: true },
  "review-to-decide": { group: "decisions", permission: "review:decide", concerns: ["reviewer"], asks: true },
  "review-reminder": { group: "decisions", permission: "review:decide", concerns: ["reviewer"], repeats: true, asks: true },
  "hand-over-offered": { group: "decisions", permission: "hand-over:answer", concerns: ["offered"], asks: true },
  "drill-failed": { group: "trouble", permission: "session:view", concerns: ["self"], roleAlone: ["person:manage"], repeats: true },
  "proposal-waiting": { group: "decisions", permission: "proposal:decide", concerns: [], roleAlone: ["proposal:decide"], asks: true },
  "finding-new": { group: "trouble", permission: "finding:view", concerns: ["owner-side"], roleAlone: ["identity:view-reach"], asks: true },
  "question-asked": { group: "own", permission: "evidence:export", concerns: ["self"], repeats: true },
};

/** Whom a notice would go to, as they are now. */
type Recipient = { readonly roles: readonly Role[]; readonly hasLeft: boolean; readonly concerns: ReadonlySet<Concern> };

/** Whether somebody may be told: only of what is theirs to act on or theirs to know. */
export function mayBeTold(kind: NoticeKind, { roles, hasLeft, concerns }: Recipient): boolean {
  const audience = audiences[kind];
  if (hasLeft || !allows(roles, audience.permission)) return false;
  if (audience.concerns.some((concern) => concerns.has(concern))) return true;
  return audience.roleAlone?.some((permission) => allows(roles, permission)) ?? false;
}

/** The group that a kind belongs to. */
export function groupOf(kind: NoticeKind): NoticeGroup {
  return audiences[kind].group;
}

/** Whether a kind is told each time it happens. */
export function repeats(kind: NoticeKind): boolean {
  return audiences[kind].repeats ?? false;
}

/** Kinds that ask for something, and are settled when it is done. */
export function asks(kind: NoticeKind): boolean {
  return audiences[kind].asks ?? false;
}

/** What holds for whoever has not chosen: everything at once, at any time. */
export const defaultPreferences: Preferences = {
  mail: { decisions: "at-once", own: "at-once", trouble: "at-once", emergency: "at-once" },
  dailyHour: 8,
  quiet: null,
  timeZone: "UTC",
};

/** How a group can be had by e-mail: emergencies cannot be put off. */
export function modesOf(group: NoticeGroup): readonly MailMode[] {
  return group === "emergency" ? ["at-once"] : ["at-once", "daily", "off"];
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Wall clock of a moment in a time zone, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(at);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/**
 * The moment at which a wall clock shows this. Of a time that comes twice (clocks put back) the first; of one that never comes
 * (put forward) the moment at which the clock jumps over it.
 */
function momentOf(wall: number, timeZone: string): number {
  const offsets = [-dayMs, dayMs].map((shift) => wallClock(wall + shift, timeZone) - (wall + shift));
  const candidates = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  const exact = candidates.find((at) => wallClock(at, timeZone) === wall);
  if (exact !== undefined) return exact;
  // The gap: the earlier candidate shows a time before it, the later one a time after it; the jump is between them.
  let [low, high] = [candidates[0] ?? wall, candidates[1] ?? wall];
  while (high - low > minuteMs) {
    const middle = low + Math.floor((high - low) / (2 * minuteMs)) * minuteMs;
    if (wallClock(middle, timeZone) < wall) low = middle;
    else high = middle;
  }
  return high;
}

/** The next moment at which the wall clock shows this minute of the day; `now` itself where it shows it right now. */
export function nextMinuteOfDay(now: Date, minuteOfDay: number, timeZone: string): Date {
  const midnight = Math.floor(wallClock(now.getTime(), timeZone) / dayMs) * dayMs;
  for (const day of [0, 1, 2]) {
    const at = momentOf(midnight + day * dayMs + minuteOfDay * minuteMs, timeZone);
    if (at >= now.getTime()) return new Date(at);
  }
  return new Date(now.getTime() + dayMs);
}

/** Whether a moment lies within quiet hours; they may go over midnight. Equal ends: no quiet at all. */
function isQuiet(now: Date, { from, until }: NonNullable<Preferences["quiet"]>, timeZone: string): boolean {
  const minute = Math.floor((wallClock(now.getTime(), timeZone) % dayMs) / minuteMs);
  return from < until ? minute >= from && minute < until : from !== until && (minute >= from || minute < until);
}

/** When a mail is sent; null: not by mail. What is urgent waits for nothing; of what waits, a daily mail comes at its hour, quiet or not. */
export function mailAt(
  { kind, isUrgent }: { readonly kind: NoticeKind; readonly isUrgent: boolean },
  preferences: Preferences,
  now: Date,
): { readonly at: Date; readonly inDigest: boolean } | null {
  const group = groupOf(kind);
  if (isUrgent || group === "emergency") return { at: now, inDigest: false };
  const { quiet, timeZone, dailyHour } = preferences;
  switch (preferences.mail[group]) {
    case "off":
      return null;
    case "daily":
      return { at: nextMinuteOfDay(now, dailyHour * 60, timeZone), inDigest: true };
    case "at-once":
      return { at: quiet && isQuiet(now, quiet, timeZone) ? nextMinuteOfDay(now, quiet.until, timeZone) : now, inDigest: false };
  }
}

/** Attempts to deliver one message; after the last one somebody must look. With the pauses below that is about 30 hours. */
export const mostAttempts = 9;
const firstPauseMs = 5_000;
const longestPauseMs = 24 * 60 * minuteMs;
const longestAskedPauseMs = 60 * minuteMs;

/**
 * How long to wait after this many attempts: four times as long each time, a fifth more or less by chance (`random` from 0 to
 * 1), so that what failed together is not tried together. A receiver that asks for more time gets it, up to an hour.
 */
export function pauseMs(attempts: number, random: number, askedMs: number | null = null): number {
  const steady = Math.min(firstPauseMs * 4 ** (attempts - 1), longestPauseMs);
  return Math.max(Math.round(steady * (0.8 + 0.4 * random)), Math.min(askedMs ?? 0, longestAskedPauseMs));
}

/** Failures in a row after which a webhook is left alone for a while. */
export const failuresUntilPause = 5;

/** How long a webhook is left alone after this many failures in a row; null while it is still tried. One message then tries whether it is back. */
export function webhookPauseMs(failures: number): number | null {
  if (failures < failuresUntilPause) return null;
  return Math.min(minuteMs * 2 ** (failures - failuresUntilPause), 60 * minuteMs);
}

/** What a failed attempt means for its message. */
export function isFinalFailure(code: string, attempts: number): boolean {
  return attempts >= mostAttempts || ["internal-address", "insecure", "gone", "mail-refused"].includes(code);
}

/** `Retry-After` in milliseconds, as seconds or as a date (RFC 9110 §10.2.3); null where it says neither. */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}
