import type { Role } from "@/lib/auth/permissions";

/** A policy set: policy id → the text of one Cedar policy. */
export type Policies = Readonly<Record<string, string>>;

/** When the authorization question is asked. */
export const moments = ["request", "vote", "activation", "recheck"] as const;
export type Moment = (typeof moments)[number];

/** The identity, as policy sees it. */
export type IdentityFacts = {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly environment: string;
  readonly state: string;
  readonly hasOwner: boolean;
  /** It was found on its system once and is not there any more. */
  readonly vanished: boolean;
  /** Several workloads or networks were seen behind it. */
  readonly shared: boolean;
  readonly teamId: string | null;
  readonly team: string | null;
};

/** The entitlement, as policy sees it. */
export type EntitlementFacts = {
  readonly id: string;
  readonly name: string;
  readonly system: string;
  /** Environment of the system. */
  readonly environment: string;
  readonly sensitivity: string;
  readonly actions: readonly string[];
  /** Its role on the target; the entitlement's name where the target has no roles. */
  readonly role: string;
};

/** What is asked for and around it, at one moment. */
export type QuestionContext = {
  readonly moment: Moment;
  readonly at: Date;
  readonly purpose: string;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly ticket: {
    readonly key: string | null;
    /** A ticket system confirmed it; false where none is connected. */
    readonly verified: boolean;
  };
  readonly requester: {
    readonly kind: "person" | "workload";
    /** A person signed in by OIDC, or a workload whose token attests who triggered it. */
    readonly attested: boolean;
  };
  /** It goes on with a live session: the time in a row that was given before. */
  readonly extension?: { readonly earlierSeconds: number } | null;
  readonly history: {
    /** Grants of this entitlement to this identity before, issued ones only. */
    readonly timesGranted: number;
    /** The identity holds it standing, too. */
    readonly standing: boolean;
  };
  readonly sourceAddress: string | null;
};

/** One authorization question: may this identity get this entitlement, under these circumstances? */
export type PolicyQuestion = {
  readonly identity: IdentityFacts;
  readonly entitlement: EntitlementFacts;
  readonly context: QuestionContext;
};

/** Whoever would break the glass, as policy sees them: by what they answer for, never by a name. */
export type BreakerFacts = {
  /** On call now, for any team. */
  readonly onCall: boolean;
  /** On call now for the identity's team. */
  readonly onCallForIdentity: boolean;
  /** On call now for the team that owns the entitlement. */
  readonly onCallForResource: boolean;
};

/** May this person take it now and answer for it afterwards? The one other question that policy is asked. */
export type BreakGlassQuestion = PolicyQuestion & { readonly breaker: BreakerFacts };

/** What a permit to break glass demands. */
export type BreakGlassTerms = {
  readonly maxDurationSeconds: number;
  /** How long a second person is waited for; `null` where none is asked. */
  readonly secondWithinSeconds: number | null;
  /** Within which time the use is reviewed. */
  readonly debtSeconds: number;
  /** The incident has to be a ticket that its system knows. */
  readonly ticketRequired: boolean;
};

/** One group of people, in the words of policy. */
export type GroupSource =
  | "resource-owner"
  | "identity-owner"
  | "identity-sponsor"
  | `team:${string}`
  | `role:${Role}`
  | `on-call:${string}`
  | `person:${string}`;

/** Who is asked in a stage, in the words of policy: a group, or the people of several, joined by `|`. */
export type StageSource = GroupSource | `${GroupSource}|${string}`;

/** A stage that policy demands: `needed` approvals by people of `source`. */
export type StageNeed = {
  readonly source: StageSource;
  readonly needed: number;
  /** Asked together with the stage before it, not after it. */
  readonly beside?: true;
  /** Decided within so many seconds after it opens; then it escalates or lapses. */
  readonly withinSeconds?: number;
  /** Those asked are reminded after so many seconds. */
  readonly remindAfterSeconds?: number;
  /** Who is asked besides when the time is over, for the same time again. */
  readonly escalateTo?: StageSource;
};

/** What a permit demands. `null` means that policy sets no bound; the hard caps still do. */
export type Obligations = {
  /** Empty = approved without a person, which a policy has to say with `@stages("none")`. */
  readonly stages: readonly StageNeed[];
  readonly maxDurationSeconds: number | null;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly ticketRequired: boolean;
  /** The only purposes allowed; empty = none is. */
  readonly purposes: readonly string[] | null;
  /** Approvers prove again who they are before their vote counts. */
  readonly stepUp: boolean;
  /** Two different people approve, whatever the stages. */
  readonly dualControl: boolean;
};

/** A readable reason, and the policy that gives it; `null` where no policy does. */
export type PolicyReason = { readonly policyId: string | null; readonly text: string };

export type PolicyProblemCode = "set" | "parse" | "schema" | "annotation" | "question" | "evaluation" | "engine";

/** What is wrong with a policy set or an evaluation: for administrators and logs, not for the requester. */
export type PolicyProblem = {
  readonly policyId: string | null;
  readonly code: PolicyProblemCode;
  readonly text: string;
};

/** Exactly what the engine was asked, as plain JSON: stored with the decision, and what `inputHash` is made of. */
export type PolicyInput = {
  readonly principal: CedarUid;
  readonly action: CedarUid;
  readonly resource: CedarUid;
  readonly context: Record<string, CedarJson>;
  readonly entities: { uid: CedarUid; attrs: Record<string, CedarJson>; parents: CedarUid[] }[];
};
export type CedarUid = { type: string; id: string };
export type CedarJson = string | number | boolean | CedarJson[] | { [key: string]: CedarJson };

type AnswerBase = {
  /** SHA-256 (hex) of the policy set's canonical JSON. */
  readonly policyHash: string;
  /** SHA-256 (hex) of the input's canonical JSON. */
  readonly inputHash: string;
  /** `null` only where the question itself could not be put into JSON. */
  readonly input: PolicyInput | null;
  /** Ids of the policies that made the outcome, sorted. */
  readonly determining: readonly string[];
  readonly reasons: readonly PolicyReason[];
  /** Engine errors met on the way, also where the outcome stands without them. */
  readonly problems: readonly PolicyProblem[];
};

/**
 * The policy's answer. `refuse` is a decided no. `fault` means that policy could not be asked: no new access, and nothing
 * that is live ends because of it.
 */
export type PolicyAnswer =
  | (AnswerBase & { readonly outcome: "permit"; readonly obligations: Obligations })
  | (AnswerBase & { readonly outcome: "refuse" | "fault"; readonly obligations: null });

/** The policy's answer about breaking glass. */
export type BreakGlassAnswer =
  | (AnswerBase & { readonly outcome: "permit"; readonly terms: BreakGlassTerms })
  | (AnswerBase & { readonly outcome: "refuse" | "fault"; readonly terms: null });
