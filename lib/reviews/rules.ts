import type { Consequence, Decision, DecisionDetails, FollowUp, ItemState, MissedAction, ReviewerWhy, ReviewFacts, ReviewKind, ReviewState } from "./types";

const day = 86_400_000;

/** Longest time that a "keep" holds, in days. */
export const longestKeepDays = 366;
/** Longest time given for a rotation or a narrowing, in days. */
export const longestFollowUpDays = 90;
export const shortestRehearsalSeconds = 3_600;
export const longestRehearsalSeconds = 30 * 86_400;
/** Time for a micro-review, in days. */
export const microDays = 14;
/** Most identities of one campaign. */
export const mostItems = 20_000;

export type ReviewEvent = "prepared" | "exhausted" | "answered" | "acknowledge" | "cancel";
export type ItemEvent = "decide" | "miss" | "withdraw";

const reviewTransitions = {
  preparing: { prepared: "running", cancel: "cancelled" },
  // A micro-review that is answered is over: it is too small for a second person.
  running: { exhausted: "decided", answered: "complete", cancel: "cancelled" },
  decided: { acknowledge: "complete" },
  complete: {},
  cancelled: {},
} as const satisfies Record<ReviewState, Partial<Record<ReviewEvent, ReviewState>>>;

const itemTransitions = {
  open: { decide: "decided", miss: "missed", withdraw: "void" },
  // Late is better than never: a missed item can still be decided until the review is over.
  missed: { decide: "decided", withdraw: "void" },
  decided: {},
  void: {},
} as const satisfies Record<ItemState, Partial<Record<ItemEvent, ItemState>>>;

/** Where a review goes, or null where it cannot. */
export function nextReviewState(state: ReviewState, event: ReviewEvent): ReviewState | null {
  const ways: Partial<Record<ReviewEvent, ReviewState>> = reviewTransitions[state];
  return ways[event] ?? null;
}

/** Where an item goes, or null where it cannot. */
export function nextItemState(state: ItemState, event: ItemEvent): ItemState | null {
  const ways: Partial<Record<ItemEvent, ItemState>> = itemTransitions[state];
  return ways[event] ?? null;
}

/**
 * What happens to a running review once items of these states are all there is: a campaign waits for a second person, a
 * micro-review is over once it is decided; null while it goes on.
 */
export function onItemsClosed(kind: ReviewKind, states: readonly ItemState[]): "exhausted" | "answered" | null {
  if (states.includes("open")) return null;
  if (kind === "campaign") return "exhausted";
  return states.includes("missed") ? null : "answered";
}

export type DecideRefusal = "unknown-item" | "not-asked" | "not-ready" | "review-closed" | "already-decided" | "nothing-left";

type Deciding = {
  readonly review: { readonly state: ReviewState } | null;
  readonly item: { readonly state: ItemState; readonly isFrozen: boolean } | null;
  /** Why this person may decide about it; null when nobody asked them. */
  readonly why: ReviewerWhy | null;
};

/** Why somebody cannot decide about an item now; null when nothing stands against it. */
export function whyNotDecide({ review, item, why }: Deciding): DecideRefusal | null {
  if (!review || !item) return "unknown-item";
  if (why === null) return "not-asked";
  if (item.state === "decided") return "already-decided";
  if (item.state === "void") return "nothing-left";
  if (review.state === "complete" || review.state === "cancelled") return "review-closed";
  if (!item.isFrozen || review.state === "preparing") return "not-ready";
  return nextItemState(item.state, "decide") ? null : "review-closed";
}

export type TermsRefusal =
  | "until-missing"
  | "until-past"
  | "until-too-late"
  | "nothing-chosen"
  | "not-held"
  | "no-credential"
  | "system-cannot"
  | "undo-out-of-range"
  | "not-confirmed"
  | "offboard-needs-reason";

export type DecisionTerms = {
  readonly decision: Decision;
  readonly reason: string;
  readonly until: Date | null;
  readonly details: DecisionDetails;
};

const shortestOffboardReason = 20;

/** Why a decision lacks something to be carried out; null when it is whole. */
export function whyNotTerms(terms: DecisionTerms, facts: ReviewFacts, now: Date): TermsRefusal | null {
  const { decision, details, reason } = terms;
  if (decision === "keep") return whyNotUntil(terms.until, now, longestKeepDays);
  if (decision === "rotate") {
    return facts.credentials.some(({ isEnabled }) => isEnabled) ? whyNotUntil(terms.until, now, longestFollowUpDays) : "no-credential";
  }
  if (decision === "narrow") {
    const chosen = details.assignmentIds ?? [];
    if (chosen.length === 0) return "nothing-chosen";
    const held = facts.entitlements.filter(({ kind }) => kind === "standing").map(({ assignmentId }) => assignmentId);
    if (chosen.some((id) => !held.includes(id))) return "not-held";
    return whyNotUntil(terms.until, now, longestFollowUpDays);
  }
  if (!facts.credentials.every(({ isConnected }) => isConnected)) return "system-cannot";
  if (decision === "rehearse") {
    const seconds = details.undoAfterSeconds ?? 0;
    return seconds < shortestRehearsalSeconds || seconds > longestRehearsalSeconds ? "undo-out-of-range" : null;
  }
  if (details.confirmed !== true) return "not-confirmed";
  return facts.rehearsal?.why === "time" || reason.trim().length >= shortestOffboardReason ? null : "offboard-needs-reason";
}

function whyNotUntil(until: Date | null, now: Date, longestDays: number): TermsRefusal | null {
  if (!until) return "until-missing";
  if (until <= now) return "until-past";
  return until.getTime() - now.getTime() > (longestDays + 1) * day ? "until-too-late" : null;
}

export type AcknowledgeRefusal = "unknown-review" | "not-campaign" | "not-finished" | "already-closed" | "reviewer" | "own-side";

type Acknowledging = {
  readonly review: { readonly kind: ReviewKind; readonly state: ReviewState } | null;
  /** Everybody who was asked or who decided. */
  readonly isReviewer: boolean;
  /** Owner, sponsor, backup or creator of an identity in it. */
  readonly isOnSide: boolean;
};

/** Why somebody cannot acknowledge a result: only a second person can, who neither decided in it nor answers for what it is about. */
export function whyNotAcknowledge({ review, isReviewer, isOnSide }: Acknowledging): AcknowledgeRefusal | null {
  if (!review) return "unknown-review";
  if (review.kind === "micro") return "not-campaign";
  if (review.state === "complete" || review.state === "cancelled") return "already-closed";
  if (nextReviewState(review.state, "acknowledge") === null) return "not-finished";
  if (isReviewer) return "reviewer";
  return isOnSide ? "own-side" : null;
}

/**
 * What a missed item does. A rehearsal by itself happens only where the campaign was told to, never in production, and never
 * to what cannot be suspended; otherwise the next person is asked.
 */
export function consequenceOf(
  onMissed: MissedAction,
  { environments, canSuspend, hasNext }: { readonly environments: readonly string[]; readonly canSuspend: boolean; readonly hasNext: boolean },
): Consequence {
  if (onMissed === "freeze") return "froze";
  if (onMissed === "rehearse" && canSuspend && environments.every((name) => name !== "production")) return "rehearsed";
  return hasNext ? "escalated" : "nobody-left";
}

type Followed = {
  readonly decision: Decision;
  readonly decidedAt: Date;
  readonly until: Date | null;
  /** What was to be rotated, as it is now. */
  readonly credentials: readonly { readonly rotatedAt: Date | null; readonly createdAt: Date | null; readonly vanishedAt: Date | null; readonly isEnabled: boolean }[];
  /** What was to be narrowed away, as it is now. */
  readonly assignments: readonly { readonly endedAt: Date | null }[];
};

export type SayRefusal = "unknown-item" | "not-your-identity" | "nothing-promised" | "seen-already" | "said-already";

type Saying = {
  readonly outcome: { readonly decision: Decision; readonly follow: FollowUp | null } | null;
  /** Owner, sponsor or backup of the identity now. */
  readonly isOnSide: boolean;
};

/** Why somebody cannot say that what was promised to be rotated was; only who answers for the identity can, and only for what Curfew has not seen. */
export function whyNotSay({ outcome, isOnSide }: Saying): SayRefusal | null {
  if (!outcome) return "unknown-item";
  if (!isOnSide) return "not-your-identity";
  if (outcome.decision !== "rotate" || outcome.follow === null) return "nothing-promised";
  if (outcome.follow === "done") return "seen-already";
  return outcome.follow === "said" ? "said-already" : null;
}

/** How a promised rotation or narrowing stands: done when discovery saw it, overdue when its day has come before. */
export function followUpOf({ decision, decidedAt, until, credentials, assignments }: Followed, now: Date): Exclude<FollowUp, "said"> | null {
  if (decision !== "rotate" && decision !== "narrow") return null;
  const since = (at: Date | null): boolean => at !== null && at > decidedAt;
  const done =
    decision === "rotate"
      ? credentials.every((one) => since(one.rotatedAt) || since(one.createdAt) || one.vanishedAt !== null || !one.isEnabled)
      : assignments.every(({ endedAt }) => endedAt !== null);
  if (done) return "done";
  return until !== null && until <= now ? "overdue" : "open";
}

/** The ideal line of a burndown: all items at the start, none at the due date. */
export function idealOpen(total: number, { startedAt, dueAt }: { readonly startedAt: Date; readonly dueAt: Date }, at: Date): number {
  const whole = dueAt.getTime() - startedAt.getTime();
  if (whole <= 0) return 0;
  const gone = Math.min(1, Math.max(0, (at.getTime() - startedAt.getTime()) / whole));
  return Math.round(total * (1 - gone) * 10) / 10;
}

export type Pace = { readonly decided: number; readonly medianMs: number | null; readonly perMinute: number | null; readonly keepShare: number; readonly largestBatch: number; readonly unopened: number };

export type Tally = { readonly decided: number; readonly timed: number; readonly totalMs: number; readonly medianMs: number | null; readonly keeps: number; readonly largestBatch: number; readonly unopened: number };

/** Figures about decisions: how fast, how often "keep", how many at once, how many unseen. Time on screen counts, not the day. */
export function paceOf({ decided, timed, totalMs, medianMs, keeps, largestBatch, unopened }: Tally): Pace {
  const minutes = totalMs / 60_000;
  return {
    decided,
    medianMs: medianMs === null ? null : Math.round(medianMs),
    perMinute: minutes > 0 ? Math.round((timed / minutes) * 10) / 10 : null,
    keepShare: decided === 0 ? 0 : keeps / decided,
    largestBatch,
    unopened,
  };
}

/** Fewer people than this, and the aggregate would be somebody's own figure. */
export const fewestForAggregate = 3;
/** Fewer timed decisions than this, and the aggregate would be a single one's figure. */
export const fewestTimed = 5;

/** Whether figures of everybody together may be told: they must be nobody's own and no single decision's. */
export function mayTellTogether({ people, timed }: { readonly people: number; readonly timed: number }): boolean {
  return people >= fewestForAggregate && timed >= fewestTimed;
}
