"use client";

import { formatClock, formatRelative, formatUtc, type Instant, toMilliseconds } from "@/lib/platform/format";
import { useNow, useTimeZone } from "./clock";

type TimeProps = {
  at: Instant;
  /** Said before the exact time on hover: "first seen 2026-11-22 10:02:05 UTC". */
  what?: string;
  className?: string | undefined;
};

type RelativeTimeProps = TimeProps & {
  /** The length alone, without "ago" or "in": "for 3 min". */
  bare?: boolean;
};

function exactTitle(at: Instant, what: string | undefined): string {
  return what ? `${what} ${formatUtc(at)}` : formatUtc(at);
}

function isoOf(at: Instant): string | undefined {
  const milliseconds = toMilliseconds(at);
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString() : undefined;
}

/** `8 s ago`, kept true while it is looked at; the exact UTC time on hover. */
export function RelativeTime({ at, what, className, bare = false }: RelativeTimeProps) {
  const now = useNow();
  // A time that comes a moment ahead of this browser's clock has just happened.
  const ahead = toMilliseconds(at) - now;
  const reference = ahead > 0 && ahead < 1_500 ? at : now;
  const text = formatRelative(at, reference);
  return (
    <time dateTime={isoOf(at)} title={exactTitle(at, what)} className={className}>
      {bare ? text.replace(/ ago$|^in /, "") : text}
    </time>
  );
}

/** `10:02` on the reader's clock, with the day where it is another one; the exact UTC time on hover. */
export function ClockTime({ at, what, className }: TimeProps) {
  const now = useNow(60_000);
  const timeZone = useTimeZone();
  return (
    <time dateTime={isoOf(at)} title={exactTitle(at, what)} className={className}>
      {formatClock(at, now, timeZone)}
    </time>
  );
}
