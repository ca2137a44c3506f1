import type { EngagementRefusal } from "./types";

/** An engagement lasts this long at most. */
export const mostDays = 365;
const dayMs = 86_400_000;

type Terms = { readonly until: Date; readonly fromDay: string; readonly toDay: string };

/** Why an engagement of these terms cannot begin now; null when it can. */
export function whyNotEngage({ until, fromDay, toDay }: Terms, now: Date): EngagementRefusal | null {
  if (fromDay > toDay) return "period-backwards";
  if (until <= now) return "ends-in-the-past";
  return until.getTime() - now.getTime() > mostDays * dayMs ? "too-long" : null;
}

/** Whether an engagement shows nothing any more: from its very end on, or once it was ended before. */
export function isOver({ until, endedAt }: { readonly until: Date; readonly endedAt: Date | null }, now: Date): boolean {
  return endedAt !== null || until <= now;
}
