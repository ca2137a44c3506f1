import { formatUtc } from "@/lib/platform/format";
import type { PlaceKind } from "./types";

const hourMs = 3_600_000;
/** After so long without one that arrived, somebody has to look. */
const longestMs = 24 * hourMs;

/** Places that keep what they get. An authority's token comes back and stays here: with it alone, nothing has left the house. */
export const keepingKinds: readonly PlaceKind[] = ["file", "mail", "url", "witness"];

/** How checkpoints leave the house. */
export type Leaving = {
  /** Places that stand and keep what they get. */
  readonly places: number;
  /** When one arrived last, also where nothing is sent to any more. */
  readonly lastSentAt: Date | null;
  /** When the first was signed, and when the first place was named, also one that is gone; null: not yet. */
  readonly firstSignedAt: Date | null;
  readonly firstPlaceAt: Date | null;
};

/** Why nothing stands outside against which the ledger could be held; null where something does. */
export function whyInside({ places, lastSentAt, firstSignedAt, firstPlaceAt }: Leaving, now: Date): { readonly why: "no-place" | "not-sent"; readonly title: string } | null {
  if (firstSignedAt === null) return null;
  if (places === 0) return { why: "no-place", title: "No place outside gets checkpoints of the ledger" };
  const since = lastSentAt ?? new Date(Math.max(firstSignedAt.getTime(), firstPlaceAt?.getTime() ?? 0));
  if (now.getTime() - since.getTime() <= longestMs) return null;
  return { why: "not-sent", title: lastSentAt ? `No checkpoint has left the house since ${formatUtc(lastSentAt)}` : "No checkpoint has left the house yet" };
}

/** Whether a place fails for so long that somebody has to look. */
export function isUnreached(failingSince: Date | null, now: Date): boolean {
  return failingSince !== null && now.getTime() - failingSince.getTime() > longestMs;
}

/** A checkpoint leaves the house at least daily, with room for tries that fail. */
const everyHours = 12;

/** When the next one is due after one that arrived. */
export function dueAfterSent(now: Date): Date {
  return new Date(now.getTime() + everyHours * hourMs);
}

const delaysMinutes = [1, 5, 15, 60, 180];

/** When to try again after so many failures in a row. */
export function dueAfterFailure(failures: number, now: Date): Date {
  const minutes = delaysMinutes[Math.min(failures, delaysMinutes.length) - 1] ?? 1;
  return new Date(now.getTime() + minutes * 60_000);
}
