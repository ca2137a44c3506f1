import type { Sensitivity } from "@/lib/entitlements/types";
import type { ExceptionRefusal } from "./types";

const dayMilliseconds = 86_400_000;

/** A finding reminds of the end this long before. */
export const remindDays = 14;

/**
 * Longest time until somebody must answer again: two looks a year, and one each quarter where the harm is greatest.
 * Docs: docs/inventory.md.
 */
export const longestExceptionDays = { low: 180, medium: 180, high: 180, critical: 90 } as const satisfies Record<Sensitivity, number>;

type Wanted = {
  /** Null where there is no such assignment. */
  readonly assignment: { readonly kind: string; readonly endedAt: Date | null; readonly sensitivity: Sensitivity } | null;
  readonly owner: { readonly leftAt: Date | null } | null;
  readonly endsAt: Date;
};

/** Why somebody cannot answer for a standing assignment until that day; null when nothing stands against it. */
export function whyNotExcept({ assignment, owner, endsAt }: Wanted, now: Date): ExceptionRefusal | null {
  if (!assignment) return "unknown-assignment";
  if (assignment.kind !== "standing" || assignment.endedAt !== null) return "not-standing";
  if (!owner) return "unknown-person";
  if (owner.leftAt !== null) return "person-left";
  if (endsAt <= now) return "ends-too-soon";
  return endsAt > latestEnd(assignment.sensitivity, now) ? "ends-too-late" : null;
}

/** The last moment at which an exception made now may end: the end of that day (UTC). */
export function latestEnd(sensitivity: Sensitivity, now: Date): Date {
  const day = Math.floor(now.getTime() / dayMilliseconds) + longestExceptionDays[sensitivity] + 1;
  return new Date(day * dayMilliseconds);
}

/** A day that somebody picked, as the moment at which it is over (UTC). */
export function endOfDay(day: string): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) + dayMilliseconds);
}
