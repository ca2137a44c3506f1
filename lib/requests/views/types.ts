import type { ThreadView } from "./thread-types";
import type { BoundTicket } from "@/lib/tickets/types";
import type { PrivilegeView } from "@/lib/entitlements/schema";
import type { Sensitivity } from "@/lib/entitlements/types";
import type { EndReason, GrantState } from "@/lib/grants/types";
import type { IdentityKind } from "@/lib/identities/types";
import type { MemberReason, RemovalReason } from "@/lib/stages/types";
import type { RequestState, SideReason, StageState } from "../types";
import type { RiskView } from "./queue-types";

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
  /** Of the passkey that confirmed it. */
  readonly proofId: string | null;
  readonly wasOpened: boolean;
  /** How many were decided with the same click. */
  readonly batchSize: number;
};

/** Somebody who is asked, why, and since when where not from the start. */
export type AskedView = PersonView & {
  readonly why: MemberReason;
  /** They are one of the group themselves. */
  readonly hasOwnSeat: boolean;
  /** Whose seats they could take besides. */
  readonly actsFor: readonly string[];
  readonly addedAt: Time | null;
};

export type StageView = {
  readonly id: string;
  readonly position: number;
  readonly label: string;
  readonly needed: number;
  readonly state: StageState;
  /** Some of those who are asked, and how many they are. */
  readonly asked: readonly AskedView[];
  readonly askedCount: number;
  /** Some of those who were asked and are not any more. */
  readonly noLonger: readonly (PersonView & { readonly why: RemovalReason; readonly at: Time })[];
  /** When its time is over; null where it has none or does not run yet. */
  readonly dueAt: Time | null;
  /** How long it has once it opens. */
  readonly withinSeconds: number | null;
  /** Who is asked besides when its time is over, in words; null where nobody is. */
  readonly escalatesTo: string | null;
  readonly escalatedAt: Time | null;
  readonly votes: readonly VoteView[];
};

/** One person of the asking side with every reason. */
export type SideView = { readonly person: PersonView; readonly why: readonly SideReason[] };

/** The policy's answer at one moment. */
export type PolicyView = {
  readonly moment: string;
  /** The access that was asked about; null where nobody noted it. */
  readonly entitlement: string | null;
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
  /** It cannot be activated before. */
  readonly notBefore: Time | null;
  /** The end of the session that it goes on with. */
  readonly continuesAt: Time | null;
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

/** What ends access besides its time; null is no limit. */
export type BoundsView = { readonly maxUses: number | null; readonly idleSeconds: number | null };

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
  /** Ids of those that an approver leaves out. */
  readonly leftOut: readonly string[];
  readonly sensitivity: Sensitivity;
  /** `undefined` where the viewer may not know all that it is made of. */
  readonly risk: RiskView | undefined;
  readonly purpose: string;
  /** Null once erased. */
  readonly intent: string | null;
  readonly ticketKey: string | null;
  /** What is known of the ticket; null where no ticket system knows its key. */
  readonly ticket: BoundTicket | null;
  readonly durationSeconds: number;
  readonly grantedDurationSeconds: number;
  /** As narrowed by approvers. */
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  /** The same as asked. */
  readonly asked: BoundsView;
  readonly submittedAt: Time;
  readonly decideBefore: Time;
  readonly decidedAt: Time | null;
  readonly activateBefore: Time | null;
  /** When it was asked to start at the earliest. */
  readonly notBefore: Time | null;
  readonly thread: ThreadView;
  readonly stages: readonly StageView[];
  /** Since when nobody is left who could decide it. */
  readonly unroutableSince: Time | null;
  readonly side: readonly SideView[];
  readonly policy: readonly PolicyView[];
  readonly grants: readonly GrantView[];
  readonly history: HistoryView;
  /** The identity's standing way to the same entitlement; `undefined` where the viewer may not know. */
  readonly standing: readonly { readonly entitlement: string; readonly path: readonly string[] }[] | undefined;
  /** Why it was asked although the identity held it standing; null where nobody had to say, where it is erased, or the viewer may not know. */
  readonly standingReason: string | null;
  /** The newest first. */
  readonly activity: readonly ActivityView[];
  readonly viewer: {
    readonly personId: string;
    readonly isRequester: boolean;
    /** Is or was asked to decide it. */
    readonly wasAsked: boolean;
    readonly mayWithdraw: boolean;
    readonly mayActivate: boolean;
    /** May say that there is no time to wait, where policy lets them break the glass. */
    readonly mayEscalate: boolean;
    /** The emergency that gave what was asked for; its page is where the credential is made. */
    readonly breakGlassId: string | null;
    /** A live session of it can be ended by the viewer. */
    readonly mayEnd: boolean;
    readonly maySeeEvidence: boolean;
    readonly decision: DecisionView;
    /** An approval needs one of the viewer's passkeys, and whether there is any. */
    readonly stepUp: { readonly needed: boolean; readonly hasPasskey: boolean };
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
  readonly version: number;
  readonly risk: RiskView;
  /** The same for requests that differ in their identity only. */
  readonly shape: string;
  /** How many of that shape wait for the viewer. */
  readonly alike: number;
  /** An approval needs a passkey. */
  readonly stepUp: boolean;
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

/** An earlier request of one's own that fills the form in. */
export type AskStart = {
  /** It goes on with its live session, asks it again after a denial, or asks the like. */
  readonly kind: "extends" | "after" | "like";
  readonly requestId: string;
  readonly number: number;
  readonly identity: IdentityOption;
  readonly entitlements: readonly EntitlementOption[];
  readonly purpose: string;
  readonly intent: string | null;
  readonly standingReason: string | null;
  readonly ticketKey: string | null;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  /** When its live session ends, and how long there was access in a row by then. */
  readonly endsAt: Time | null;
  readonly earlierSeconds: number;
};

/** What would become of an ask, before it is one. */
export type AskVerdict = {
  readonly outcome: "approved-at-once" | "asks" | "refused";
  readonly refusal: { readonly code: string; readonly detail: Readonly<Record<string, string | number>> } | null;
  /** The request that stands in the way, where the asker may open it. */
  readonly openRequestId: string | null;
  /** What policy says, one sentence each. */
  readonly sentences: readonly { readonly text: string; readonly policyId: string | null; readonly entitlement: string }[];
  /** Accesses that the identity holds standing, where the asker may know. */
  readonly standing: readonly string[];
  readonly stages: readonly {
    /** Stages at one position are asked at the same time. */
    readonly position: number;
    readonly label: string;
    readonly needed: number;
    readonly asked: readonly string[];
    readonly askedCount: number;
    /** What happens when nobody decides it in its time, in words; empty where it has none. */
    readonly time: string;
  }[];
  /** How many people are asked in all, each once. */
  readonly notified: number;
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

/** The form's preview: what is known about the accesses, and the verdict once all that it needs is filled in. */
export type AskPreview = { readonly entitlements: readonly EntitlementView[]; readonly verdict: AskVerdict | null };
