import type { Sensitivity } from "@/lib/entitlements/types";

/** How much a card holds. */
export type Reading = {
  readonly sensitivity: Sensitivity;
  /** Lines of facts: privileges, earlier grants, other ways in, the ticket. */
  readonly facts: number;
  /** Words of the requester's sentence. */
  readonly words: number;
};

/** Finding one's way in a card, one fact at a glance, one word of prose (600 a minute, faster than people read). */
const glanceMs = { card: 800, fact: 120, word: 100 } as const;
/** More is at stake: more to weigh. */
const weight = { low: 1, medium: 1.25, high: 1.75, critical: 2.5 } as const satisfies Record<Sensitivity, number>;
/** Nobody is held up for longer, whatever the card holds. */
const mostMs = 20_000;
/** Facts that are taken in one by one; more of them are skimmed. */
const mostFacts = 20;

/** The shortest time in which a card can have been read. Below it a decision says why it was that fast. */
export function leastReadingMs({ sensitivity, facts, words }: Reading): number {
  const read = glanceMs.card + glanceMs.fact * Math.min(facts, mostFacts) + glanceMs.word * words;
  return Math.min(mostMs, Math.round(read * weight[sensitivity]));
}

/** Less than this says nothing about why. */
const leastLine = 10;

/**
 * Whether a decision was faster than its card can be read, and whether it says why in a line. `tookMs`: since the card was
 * opened; null when it never was.
 */
export function brake(reading: Reading, { tookMs, reason }: { readonly tookMs: number | null; readonly reason: string }): { readonly leastMs: number; readonly isHasty: boolean; readonly saysWhy: boolean } {
  const leastMs = leastReadingMs(reading);
  return { leastMs, isHasty: tookMs === null || tookMs < leastMs, saysWhy: reason.trim().length >= leastLine };
}

/** Number of words in a text. */
export function wordsIn(text: string | null): number {
  return text === null ? 0 : text.split(/\s+/).filter(Boolean).length;
}
