import type { PrivilegeView } from "@/lib/entitlements/schema";
import type { Sensitivity } from "@/lib/entitlements/types";
import type { EndReason, GrantState } from "@/lib/grants/types";
import type { IdentityKind } from "@/lib/identities/types";
import type { RequestState, SideReason, StageState } from "../types";

/** A time as it travels to the browser: ISO-8601 in UTC. */
type Time = string;

export type PersonView = { readonly id: string; readonly name: string; readonly hasLeft: boolean };
export type IdentityView = { readonly id: string; readonly name: string; readonly kind: IdentityKind };

/** Who asked: a person, or a workload for itself with whoever started it. */
export type AskerView =
  | { readonly kind: "person"; readonly person: PersonView }
  | { readonly kind: "workload"; readonly identity: IdentityView; readonly triggeredBy: PersonView | null };

/** What an entitlement really allows, as last read from the target; `null` where nobody has read it yet. */
export type AllowsView = {
  readonly privileges: readonly PrivilegeView[];
  /** Rows that are left out here. */
  readonly more: number;
  readonly readAt: Time | null;
} | null;

/** How an access on a system comes to its end, as the system's last check said. */
export type EndingView = {
  readonly kind: "proven" | "accepted-only" | "not-checked";
  /** The account that proves it. */
  readonly probeAccount: string | null;
  /** The target's limits, in its connector's words. */
  readonly limits: readonly { readonly code: string; readonly text: string }[];
};

export type EntitlementView = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly system: { readonly id: string; readonly name: string; readonly environment: string };
  /** Who answers for it: a person, a team, or both. */
  readonly owners: readonly string[];
  readonly allows: AllowsView;
  readonly ending: EndingView;
};

export type VoteView = {
  readonly person: PersonView;
  readonly answer: "approve" | "deny";
  /** Null once erased. */
  readonly reason: string | null;
  readonly durationSeconds: number;
  readonly at: Time;
};

export type StageView = {
  readonly id: string;
  readonly position: number;
  readonly label: string;
  readonly needed: number;
  readonly state: StageState;
  /** Some of those who are asked, and how many they are. */
  readonly asked: readonly PersonView[];
  readonly askedCount: number;
  readonly votes: readonly VoteView[];
};

/** One person of the asking side with every reason. */
export type SideView = { readonly person: PersonView; readonly why: readonly SideReason[] };

/** The policy's answer at one moment. */
export type PolicyView = {
  readonly moment: string;
  readonly outcome: string;
  readonly reasons: readonly { readonly policyId: string | null; readonly text: string }[];
  readonly at: Time;
  /** Of the policy set that was asked. */
  readonly hash: string;
};

/** A grant with the times of its chain. */
export type GrantView = {
  readonly id: string;
  readonly state: GrantState;
  readonly entitlement: string;
  readonly system: string;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly createdAt: Time;
  readonly activateBefore: Time;
  readonly issueStartedAt: Time | null;
  /** An issue whose answer was lost is looked into from then on, and opens again after it. */
  readonly recoversAt: Time | null;
  readonly activatedAt: Time | null;
  readonly notAfter: Time | null;
  readonly firstUseAt: Time | null;
  readonly lastUseAt: Time | null;
  readonly useCount: number;
  readonly observedAt: Time | null;
  readonly endReason: EndReason | null;
  readonly endingAt: Time | null;
  readonly endedBy: string | null;
  readonly acceptedAt: Time | null;
  readonly sessionsCut: number | null;
  readonly provenAt: Time | null;
  /** What the probe saw, in words. */
  readonly proofFacts: readonly string[];
  /** What else gave the identity the same when its end was proven; `undefined` where nobody looked or the viewer may not know. */
  readonly stillGiven: readonly { readonly kind: string; readonly name: string; readonly path: readonly string[] }[] | undefined;
  readonly closedAt: Time | null;
  readonly attempts: number;
  readonly nextAttemptAt: Time | null;
  readonly lastFailure: string | null;
  readonly stuckSince: Time | null;
  readonly notRecheckedSince: Time | null;
  /** It takes the place of a grant whose issue was lost. */
  readonly replaces: boolean;
};

/** What happened when this identity had this entitlement before. */
export type HistoryView = {
  readonly times: number;
  /** Counting stopped at this many. */
  readonly capped: boolean;
  readonly last: readonly {
    readonly requestId: string;
    readonly number: number;
    readonly askedSeconds: number;
    readonly grantedSeconds: number;
    /** From its start to the last use that was seen; null where no use was seen. */
    readonly usedSeconds: number | null;
    readonly activatedAt: Time;
  }[];
};

/** Whether the viewer can decide now; why not where not. */
export type DecisionView =
  | { readonly may: true; readonly stageId: string; readonly position: number }
  | {
      readonly may: false;
      readonly code: "not-pending" | "decision-time-over" | "own-side" | "not-asked" | "already-voted" | "seat-taken" | "not-your-turn" | "no-role";
      readonly why: readonly SideReason[];
      /** The viewer's own vote. */
      readonly vote: VoteView | null;
    };

/** One line of what happened. */
export type ActivityView = { readonly key: string; readonly at: Time; readonly who: string | null; readonly what: string; readonly trouble: boolean };

/** A request as its page and the approval card show it. */
export type RequestView = {
  /** When it was read. */
  readonly asOf: Time;
  readonly id: string;
  readonly number: number;
  readonly state: RequestState;
  readonly version: number;
  readonly demo: boolean;
  readonly asker: AskerView;
  readonly identity: IdentityView & { readonly environment: string; readonly state: string; readonly owner: string | null; readonly team: string | null };
  readonly entitlements: readonly EntitlementView[];
  readonly sensitivity: Sensitivity;
  readonly purpose: string;
  /** Null once erased. */
  readonly intent: string | null;
  readonly ticketKey: string | null;
  readonly durationSeconds: number;
  readonly grantedDurationSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly submittedAt: Time;
  readonly decideBefore: Time;
  readonly decidedAt: Time | null;
  readonly activateBefore: Time | null;
  readonly stages: readonly StageView[];
  readonly side: readonly SideView[];
  readonly policy: readonly PolicyView[];
  readonly grants: readonly GrantView[];
  readonly history: HistoryView;
  /** The identity's standing way to the same entitlement; `undefined` where the viewer may not know. */
  readonly standing: readonly { readonly entitlement: string; readonly path: readonly string[] }[] | undefined;
  /** The newest first. */
  readonly activity: readonly ActivityView[];
  readonly viewer: {
    readonly personId: string;
    readonly isRequester: boolean;
    /** Is or was asked to decide it. */
    readonly wasAsked: boolean;
    readonly mayWithdraw: boolean;
    readonly mayActivate: boolean;
    /** A live session of it can be ended by the viewer. */
    readonly mayEnd: boolean;
    readonly maySeeEvidence: boolean;
    readonly decision: DecisionView;
  };
};

/** What a request has come to, as its list filters it. */
export const requestPhases = ["waiting", "ready", "live", "ending", "over", "denied", "withdrawn", "lapsed"] as const;
export type RequestPhase = (typeof requestPhases)[number];

/** Whose requests: asked by me, those I am asked about or answer for, all. */
export const requestScopes = ["mine", "concerning-me", "all"] as const;
export type RequestScope = (typeof requestScopes)[number];

/** A request as a list shows it. */
export type RequestRow = {
  readonly id: string;
  readonly number: number;
  readonly identity: IdentityView;
  readonly entitlement: string;
  readonly system: string;
  readonly sensitivity: Sensitivity;
  readonly asker: string;
  readonly purpose: string;
  readonly durationSeconds: number;
  readonly submittedAt: Time;
  readonly state: RequestState;
  /** Of its newest grant. */
  readonly grantState: GrantState | null;
  /** Whom it waits for, where it waits. */
  readonly waitsFor: string | null;
  /** When the state ends by itself: to decide, to activate, or the session. */
  readonly until: Time | null;
  readonly demo: boolean;
};

/** A request that waits for the viewer's vote. */
export type ApprovalRow = {
  readonly id: string;
  readonly number: number;
  readonly identity: IdentityView;
  readonly entitlement: string;
  readonly system: string;
  readonly sensitivity: Sensitivity;
  readonly asker: string;
  readonly durationSeconds: number;
  readonly submittedAt: Time;
  readonly decideBefore: Time;
};

/** An identity to pick in the form. */
export type IdentityOption = IdentityView & {
  readonly owner: string | null;
  readonly team: string | null;
  readonly environment: string;
  readonly state: string;
  /** The asker answers for it. */
  readonly isYours: boolean;
};

/** An entitlement to pick in the form. */
export type EntitlementOption = {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly system: string;
  readonly environment: string;
  readonly sensitivity: Sensitivity;
  readonly purposes: readonly string[];
};

/** What would become of an ask, before it is one. */
export type AskVerdict = {
  readonly outcome: "approved-at-once" | "asks" | "refused";
  readonly refusal: { readonly code: string; readonly detail: Readonly<Record<string, string | number>> } | null;
  /** The request that stands in the way, where the asker may open it. */
  readonly openRequestId: string | null;
  /** What policy says, one sentence each. */
  readonly sentences: readonly { readonly text: string; readonly policyId: string | null }[];
  readonly stages: readonly {
    readonly label: string;
    readonly needed: number;
    readonly asked: readonly string[];
    readonly askedCount: number;
  }[];
  /** Persons who may not vote on it. */
  readonly excluded: readonly { readonly name: string; readonly why: readonly SideReason[] }[];
  /** Where nobody is left to ask: whom an administrator may appoint, and who the administrators are. */
  readonly appointable: readonly string[];
  readonly administrators: readonly string[];
  readonly terms: {
    readonly longestSeconds: number;
    readonly maxUses: number | null;
    readonly idleSeconds: number | null;
    readonly decideBefore: Time;
    readonly activationWindowSeconds: number;
  } | null;
};

/** The form's preview: what is known about the entitlement, and the verdict once all that it needs is filled in. */
export type AskPreview = { readonly entitlement: EntitlementView | null; readonly verdict: AskVerdict | null };
