import { formatSeconds, formatUtc, type Instant } from "@/lib/platform/format";

/** `2 h 15 min`, with machine-readable seconds. */
export function Duration({ seconds, className }: { seconds: number; className?: string | undefined }) {
  return (
    <time dateTime={`PT${Math.max(0, Math.floor(seconds))}S`} className={className}>
      {formatSeconds(seconds)}
    </time>
  );
}

/** The exact time in UTC, in full, for evidence. */
export function ExactTime({ at, className }: { at: Instant; className?: string | undefined }) {
  return (
    <time dateTime={new Date(at).toISOString()} className={className}>
      {formatUtc(at)}
    </time>
  );
}
