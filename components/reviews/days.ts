import { serverNow } from "@/components/ui/time/clock";

/** Days that a date field starts with; the person changes them or not, the decision itself is never chosen for them. */
export const usualKeepDays = 180;
export const usualFollowUpDays = 30;

/** The day so many days from now, in UTC, as a date field holds it. */
export function dayIn(days: number): string {
  return new Date(serverNow() + days * 86_400_000).toISOString().slice(0, 10);
}
