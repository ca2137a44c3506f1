import type { Sensitivity } from "@/lib/entitlements/types";
import type { RequestState } from "./types";

/** Requests that one click decides at most. */
export const mostTogether = 25;

/** Why a request is decided by itself and not together with others. */
export const aloneCodes = ["unknown-request", "cannot-decide", "own-side", "sensitivity", "step-up", "first-time", "changed-since-seen"] as const;
export type AloneCode = (typeof aloneCodes)[number];

export type TogetherFacts = {
  /** The viewer may decide it at this moment; why not where not. */
  readonly may: true | "own-side" | "cannot-decide";
  readonly sensitivity: Sensitivity;
  readonly stepUp: boolean;
  /** Nobody has had it for this identity before. */
  readonly isFirst: boolean;
  readonly version: number;
};

/**
 * Why a request is not decided together with others; null when it may be. Only what is low, has been given before and is as
 * it was when it was selected: whatever needs a look of its own gets one.
 */
export function whyAlone(facts: TogetherFacts | null, seen: { readonly version: number }): AloneCode | null {
  if (!facts) return "unknown-request";
  if (facts.may !== true) return facts.may;
  if (facts.sensitivity !== "low") return "sensitivity";
  if (facts.stepUp) return "step-up";
  if (facts.isFirst) return "first-time";
  return facts.version === seen.version ? null : "changed-since-seen";
}

/** A selected request by name; `alone`: why it is not decided with the others. */
export type TogetherRow = { readonly requestId: string; readonly number: number | null; readonly what: string; readonly alone: AloneCode | null };

/** What came of one of many: its state, or why it was left as it is. */
export type TogetherResult = Omit<TogetherRow, "alone"> & ({ readonly state: RequestState } | { readonly code: string });

/**
 * What is told while many are decided, in this order: how many will be decided and what is left as it is, then what came of
 * each once it is committed. Fewer than were said to come means that the rest is not known.
 */
export type TogetherNews = { readonly of: number; readonly left: readonly TogetherResult[] } | { readonly result: TogetherResult };
