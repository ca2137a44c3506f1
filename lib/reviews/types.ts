import type { Sensitivity } from "@/lib/entitlements/types";
import type { IdentityKind, IdentityState } from "@/lib/identities/types";

export const reviewKinds = ["campaign", "micro"] as const;
export type ReviewKind = (typeof reviewKinds)[number];

export const reviewStates = ["preparing", "running", "decided", "complete", "cancelled"] as const;
export type ReviewState = (typeof reviewStates)[number];

export const itemStates = ["open", "decided", "missed", "void"] as const;
export type ItemState = (typeof itemStates)[number];

/** What an event-triggered review is asked for. */
export const triggers = ["owner-left", "scope-grew", "woke", "credential-old"] as const;
export type Trigger = (typeof triggers)[number];

export const decisions = ["keep", "rotate", "narrow", "rehearse", "offboard"] as const;
export type Decision = (typeof decisions)[number];

/** Who of an identity's side is asked, in this order. */
export const reviewerRoles = ["owner", "backup", "sponsor"] as const;
export type ReviewerRole = (typeof reviewerRoles)[number];

/** Why somebody may decide about an item. */
export type ReviewerWhy = ReviewerRole | "lead" | "administrator";

export const missedActions = ["escalate", "freeze", "rehearse"] as const;
export type MissedAction = (typeof missedActions)[number];

/** What missing an item did. */
export type Consequence = "escalated" | "froze" | "rehearsed" | "nobody-left";

/** How a promise stands: `said` by a person and not seen is not `done`, which Curfew saw. */
export const followUps = ["open", "overdue", "said", "done"] as const;
export type FollowUp = (typeof followUps)[number];

export type NamedPerson = { readonly id: string; readonly name: string };

export type ScorePart = { readonly points: number; readonly what: string };
export type Score = { readonly value: number; readonly parts: readonly ScorePart[] };

export type CredentialFact = {
  readonly id: string;
  readonly handle: string;
  readonly kind: string;
  readonly system: string;
  readonly createdAt: string | null;
  /** Since when Curfew knows it; it is at least that old. */
  readonly firstSeenAt: string;
  readonly rotatedAt: string | null;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly visibleSince: string | null;
  readonly isEnabled: boolean;
  /** It can do whatever it wants on its system. */
  readonly isPrivileged: boolean;
  /** Its system is connected: Curfew can switch it off and remove it. */
  readonly isConnected: boolean;
};

export type EntitlementFact = {
  readonly assignmentId: string;
  readonly entitlementId: string;
  readonly name: string;
  readonly system: string;
  readonly connector: string;
  readonly sensitivity: Sensitivity;
  readonly kind: "standing" | "granted";
  readonly path: readonly string[];
  readonly firstSeenAt: string;
  readonly lastUsedAt: string | null;
  readonly visibleSince: string | null;
  /** Until when somebody answers for it as a standing exception. */
  readonly exceptedUntil: string | null;
};

export type GrantFact = {
  readonly requestId: string;
  readonly number: number;
  readonly entitlement: string;
  readonly activatedAt: string | null;
  readonly state: string;
  readonly askedSeconds: number;
  readonly uses: number;
};

/** Something that relies on the identity now. */
export type Dependant = {
  readonly kind: "session" | "grant" | "request" | "workload" | "network";
  readonly what: string;
  readonly at: string | null;
};

/** How the last rehearsal went. */
export type RehearsalFact = { readonly endedAt: string; readonly why: "time" | "person" | "refused-login" };

/** An identity as it was when the review froze it. Dates are ISO text. */
export type ReviewFacts = {
  readonly v: 1;
  readonly at: string;
  readonly identity: {
    readonly name: string;
    readonly kind: IdentityKind;
    readonly environment: string;
    readonly state: IdentityState;
    readonly description: string | null;
    readonly team: string | null;
    readonly vendor: string | null;
    readonly system: string | null;
    readonly isShared: boolean;
    readonly lastActiveAt: string | null;
    readonly visibleSince: string | null;
    readonly wokeAt: string | null;
    readonly silenceDays: number | null;
  };
  readonly owner: NamedPerson | null;
  readonly sponsor: NamedPerson | null;
  readonly backup: NamedPerson | null;
  readonly staleness: Score | null;
  readonly exposure: Score | null;
  readonly credentials: readonly CredentialFact[];
  readonly entitlements: readonly EntitlementFact[];
  readonly grants: readonly GrantFact[];
  readonly dependants: readonly Dependant[];
  /** A rhythm in the days on which it was seen, in words; null where there is none. */
  readonly season: string | null;
  readonly rehearsal: RehearsalFact | null;
};

/** One thing that is different from when it was last decided about. */
export type Change = { readonly code: string; readonly text: string };

/** What Curfew would do and why; the person decides. */
export type Recommendation = {
  readonly decision: Decision;
  readonly reasons: readonly string[];
  /** Standing assignments that it would narrow away. */
  readonly assignmentIds: readonly string[];
};

/** What belongs to a decision beside its reason and its time. */
export type DecisionDetails = {
  readonly assignmentIds?: readonly string[] | undefined;
  readonly openConnections?: "cut" | "leave" | undefined;
  readonly undoAtFirstRefusal?: boolean | undefined;
  readonly undoAfterSeconds?: number | undefined;
  readonly confirmed?: boolean | undefined;
};

/** Why an item cannot be decided together with others. */
export const batchObstacles = ["privileged", "not-low", "never-reviewed", "changed", "recommends-else", "in-trouble"] as const;
export type BatchObstacle = (typeof batchObstacles)[number];
