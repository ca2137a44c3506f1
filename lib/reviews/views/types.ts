import type { IdentityKind } from "@/lib/identities/types";
import type { CappedCount } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import type { SuspensionView } from "@/lib/suspensions/types";
import type { AcknowledgeRefusal, DecideRefusal, Pace } from "../rules";
import type {
  BatchObstacle, Change, Consequence, Decision, DecisionDetails, FollowUp, ItemState, MissedAction, NamedPerson, Recommendation, ReviewerRole, ReviewerWhy, ReviewFacts, ReviewKind, ReviewState,
  Trigger,
} from "../types";

/** A review as the list shows it. Dates are ISO text. */
export type ReviewRow = {
  readonly id: string;
  readonly number: number;
  readonly kind: ReviewKind;
  readonly trigger: Trigger | null;
  readonly name: string;
  readonly state: ReviewState;
  readonly startedAt: string;
  readonly dueAt: string;
  readonly itemCount: number;
  readonly openCount: number;
  readonly isLate: boolean;
};

/** What waits for one person in one review. */
export type MyReview = Pick<ReviewRow, "id" | "number" | "kind" | "trigger" | "name" | "dueAt" | "isLate"> & { readonly open: number; readonly staged: number };

/** One line of the queue. */
export type QueueRow = {
  readonly id: string;
  readonly reviewId: string;
  readonly reviewName: string;
  readonly dueAt: string;
  readonly state: ItemState;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: IdentityKind };
  /** 0 none, 1 low … 4 critical */
  readonly risk: number;
  readonly recommends: Decision | null;
  readonly staged: Decision | null;
  readonly isAsked: boolean;
};

/** What could be kept together, and what not for which reason. */
export type BatchView = { readonly ids: readonly string[]; readonly obstacles: readonly { readonly why: BatchObstacle; readonly count: number }[] };

/** What somebody has staged and not submitted yet. */
export type StagedView = {
  readonly total: number;
  readonly byDecision: readonly { readonly decision: Decision; readonly count: number }[];
  /** What acts on a target when it is submitted. */
  readonly acting: readonly { readonly itemId: string; readonly name: string; readonly decision: Decision }[];
};

export type DraftView = { readonly decision: Decision; readonly reason: string; readonly until: string | null; readonly details: DecisionDetails; readonly batchSize: number };

export type OutcomeView = DraftView & {
  readonly by: NamedPerson;
  readonly decidedAt: string;
  readonly follow: FollowUp | null;
  readonly followDoneAt: string | null;
  /** Who says that it was rotated, where Curfew cannot see it. */
  readonly said: { readonly by: string; readonly at: string; readonly reason: string; readonly where: string } | null;
  /** For whoever runs the target. */
  readonly statements: readonly string[];
};

/** One item with everything that its decision needs. */
export type ItemView = {
  readonly id: string;
  readonly state: ItemState;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: IdentityKind };
  readonly review: { readonly id: string; readonly number: number; readonly name: string; readonly kind: ReviewKind; readonly trigger: Trigger | null; readonly state: ReviewState; readonly dueAt: string };
  readonly facts: ReviewFacts | null;
  readonly changes: readonly Change[] | null;
  readonly recommendation: Recommendation | null;
  readonly risk: number;
  readonly notInBatch: BatchObstacle | null;
  readonly missedAt: string | null;
  readonly consequence: Consequence | null;
  readonly reviewers: readonly (NamedPerson & { readonly why: ReviewerWhy; readonly isAsked: boolean; readonly awayUntil: string | null })[];
  readonly outcome: OutcomeView | null;
  /** What the decision, or missing it, began on the target. */
  readonly suspension: SuspensionView | null;
  readonly viewer: { readonly maySayRotated: boolean; readonly why: ReviewerWhy | null; readonly refusal: DecideRefusal | null; readonly draft: DraftView | null };
};

export type QueueView = {
  readonly page: Page<QueueRow>;
  readonly open: ItemView | null;
  readonly isChosen: boolean;
  readonly batch: BatchView;
  readonly staged: StagedView;
  readonly review: { readonly id: string; readonly name: string } | null;
  readonly pageKey: string;
  readonly asOf: string;
};

/** Open items at the end of a day, against the ideal line. */
export type BurndownPoint = { readonly day: string; readonly open: number | null; readonly ideal: number };

/** How far one person is. Speed is nobody's business but theirs. */
export type PersonProgress = NamedPerson & { readonly asked: number; readonly open: number };

export type ItemRow = {
  readonly id: string;
  readonly state: ItemState;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: IdentityKind };
  readonly risk: number;
  readonly asked: string;
  readonly decision: Decision | null;
  readonly decidedBy: string | null;
  readonly decidedAt: string | null;
  readonly until: string | null;
  readonly follow: FollowUp | null;
  readonly consequence: Consequence | null;
};

/** A review with its progress and its result. */
export type ReviewView = ReviewRow & {
  readonly scope: string;
  readonly reviewers: readonly ReviewerRole[];
  readonly onMissed: MissedAction;
  readonly startedBy: string | null;
  readonly preparedCount: number;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly closeReason: string | null;
  readonly counts: Readonly<Record<ItemState, number>>;
  readonly byDecision: readonly { readonly decision: Decision; readonly count: number }[];
  readonly follow: Readonly<Record<FollowUp, number>>;
  readonly burndown: readonly BurndownPoint[];
  readonly people: readonly PersonProgress[];
  readonly peopleTotal: CappedCount;
  /** Of everybody together; null where so few decided that it would be somebody's own. */
  readonly pace: Pace | null;
  readonly ownPace: Pace | null;
  readonly items: Page<ItemRow>;
  readonly mine: { readonly open: number; readonly standIn: number };
  readonly may: { readonly cancel: boolean; readonly acknowledge: AcknowledgeRefusal | "no-permission" | null };
};

/** When an identity was decided about, for its own page. */
export type ReviewMark = { readonly itemId: string; readonly reviewId: string; readonly reviewName: string; readonly decision: Decision; readonly by: string; readonly decidedAt: string; readonly until: string | null };
/** What is known about reviews of one identity. */
export type IdentityReviews = {
  readonly last: readonly ReviewMark[];
  readonly open: { readonly itemId: string; readonly reviewId: string; readonly reviewName: string; readonly dueAt: string } | null;
  readonly isFrozen: boolean;
};
