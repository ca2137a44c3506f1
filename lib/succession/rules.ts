import type { Candidate, OfferRefusal, Place, Step } from "./types";

/** In which order people are asked to take a place. The owner's place is worth asking everybody for. */
const order: Readonly<Record<Place, readonly Step[]>> = {
  owner: ["backup", "sponsor", "team-lead"],
  sponsor: ["backup", "team-lead"],
  backup: ["team-lead"],
};

type Asking = {
  readonly place: Place;
  /** The step that is over; null at the start. */
  readonly after: Step | null;
  /** Everybody who could be asked: present, able to sign in to something, not away for the whole step. */
  readonly candidates: readonly Candidate[];
  /** Who was asked before, who left, and who holds a place that cannot be held twice. */
  readonly excluded: readonly string[];
};

/** The next step that has somebody to ask, and whom; null when there is nobody left: the hand-over has failed. */
export function nextOffer({ place, after, candidates, excluded }: Asking): { readonly step: Step; readonly personIds: readonly string[] } | null {
  const rest = after === null ? order[place] : order[place].slice(order[place].indexOf(after) + 1);
  for (const step of rest) {
    const personIds = candidates.filter((candidate) => candidate.step === step && !excluded.includes(candidate.personId)).map(({ personId }) => personId);
    if (personIds.length > 0) return { step, personIds: [...new Set(personIds)] };
  }
  return null;
}

type Offer = { readonly state: string; readonly deadline: Date | null; readonly answer: string | null; readonly hasLeft: boolean };

/** Why this person cannot answer the offer; null when they can. `offer` is null where they were never asked. */
export function whyNotAnswer(offer: Offer | null, now: Date): OfferRefusal | null {
  if (!offer) return "not-asked";
  if (offer.hasLeft) return "you-left";
  if (offer.state !== "offered") return "not-offered-any-more";
  if (offer.answer !== null) return "already-answered";
  return offer.deadline !== null && offer.deadline <= now ? "too-late" : null;
}

type Running = {
  readonly place: Place;
  readonly leaverId: string;
  readonly deadline: Date | null;
  /** Who holds the place now. */
  readonly holderId: string | null;
  readonly leaverIsBack: boolean;
  readonly isIdentityGone: boolean;
  /** Persons who are asked, have not answered and have not left. */
  readonly open: number;
};

/** What is due for a running hand-over: it is over, goes one step on, or waits. */
export function dueForHandOver(running: Running, now: Date): "named-by-person" | "returned" | "identity-gone" | "next" | "wait" {
  if (running.holderId !== running.leaverId) return "named-by-person";
  if (running.leaverIsBack) return "returned";
  if (running.isIdentityGone) return "identity-gone";
  if (running.open === 0) return "next";
  return running.deadline !== null && running.deadline <= now ? "next" : "wait";
}
