import type { BoundTicket } from "@/lib/tickets/types";
import type { PrivilegeView } from "@/lib/entitlements/schema";
import type { Sensitivity } from "@/lib/entitlements/types";
import type { EndReason, GrantState } from "@/lib/grants/types";
import type { IdentityKind } from "@/lib/identities/types";
import type { RequestState, StageState } from "@/lib/requests/types";
import type { NoUseSaid } from "@/lib/uses/rules";
import type { SourceKind, UsedScope } from "@/lib/uses/types";
import type { ChainState, SealState, Time } from "../types";

/** The seven links of a chain. */
export const linkKeys = ["asked", "decided", "issued", "first-use", "last-use", "ended", "proven"] as const;
export type LinkKey = (typeof linkKeys)[number];

/** One link: when, by whom, who says so; or why it was not reached. */
export type ChainLink = {
  readonly key: LinkKey;
  readonly label: string;
  readonly state: "reached" | "pending" | "late" | "failed" | "skipped";
  readonly at: Time | null;
  /** Milliseconds since the link before, where both were reached. */
  readonly afterMs: number | null;
  /** Since when a late or failed link is overdue. */
  readonly since: Time | null;
  readonly who: string | null;
  /** Whose word it is: Curfew's own, the target's, the probe's. */
  readonly source: string | null;
  /** By whose clock it is told; null where there is no time. */
  readonly clock: Clock | null;
  readonly note: string | null;
};

/** The database's clock times every event. What a source reports is told by that source's own, which may be ahead of ours or behind. */
export type Clock = { readonly of: "database" } | { readonly of: "source"; readonly name: string; readonly offsetMs: number };

/** Which source told of a use, and how its clock goes. */
export type ToldBy = { readonly name: string; readonly kind: SourceKind; readonly offsetMs: number };

/** What the links of a request are made from. */
export type RequestFacts = {
  readonly state: RequestState;
  readonly submittedAt: Time;
  readonly decideBefore: Time;
  readonly decidedAt: Time | null;
  readonly activateBefore: Time | null;
  readonly asker: string;
  readonly isWorkload: boolean;
  /** Names of those who voted, with their answers. */
  readonly votes: readonly { readonly name: string; readonly answer: "approve" | "deny" }[];
  /** Whom it waits for. */
  readonly waitsFor: string | null;
  /** Who took it by breaking the glass; null where it was decided beforehand. */
  readonly takenBy: string | null;
};

/** What the links of a grant are made from. */
export type GrantFacts = {
  readonly state: GrantState;
  readonly createdAt: Time;
  readonly activateBefore: Time;
  readonly issueStartedAt: Time | null;
  readonly issueDeadline: Time | null;
  readonly handleName: string | null;
  readonly handleTargetId: string | null;
  readonly activatedAt: Time | null;
  readonly notAfter: Time | null;
  readonly firstUseAt: Time | null;
  readonly lastUseAt: Time | null;
  readonly useCount: number;
  readonly statementCount: number | null;
  readonly endReason: EndReason | null;
  readonly endingAt: Time | null;
  readonly endedBy: string | null;
  readonly acceptedAt: Time | null;
  readonly sessionsCut: number | null;
  readonly provenAt: Time | null;
  readonly proof: ProofView | null;
  readonly closedAt: Time | null;
  readonly attempts: number;
  readonly nextAttemptAt: Time | null;
  readonly lastFailure: string | null;
  readonly stuckSince: Time | null;
  /** What may be said where no use is known. */
  readonly noUse?: NoUseSaid | undefined;
  /** Who told of the first and of the last use; nobody where that is not known any more. */
  readonly firstToldBy?: ToldBy | undefined;
  readonly lastToldBy?: ToldBy | undefined;
};

export type ProofView = {
  readonly method: string;
  readonly strength: string;
  readonly looks: readonly Time[];
  readonly seenBy: string;
  readonly facts: readonly string[];
};

/** Another way to the same entitlement, seen when the end was proven. */
export type StillGivenView = { readonly kind: "standing" | "granted"; readonly name: string; readonly path: readonly string[] };

export type UseView = {
  readonly id: string;
  readonly kind: string;
  readonly startedAt: Time;
  readonly lastSeenAt: Time;
  readonly endedAt: Time | null;
  /** Null where the target says none. */
  readonly principal: string | null;
  readonly action: string | null;
  readonly objects: readonly string[];
  /** allowed, refused or failed */
  readonly outcome: string;
  readonly source: ToldBy;
  readonly match: string;
  /** What of it names the session. */
  readonly rule: string | null;
  readonly clientAddress: string | null;
  /** It came after its source had said that everything of that time was reported. */
  readonly isLate: boolean;
};

export type FindingView = {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly controls: readonly ControlLink[];
  readonly openedAt: Time;
  readonly closedAt: Time | null;
  /** Somebody looked at it and said why it may rest; it stays a gap. Who and why is left out for auditors without names. */
  readonly seen: { readonly at: Time; readonly by: string | null; readonly reason: string | null } | null;
};

/** A control and the address of its page; null where the catalogues do not know it. */
export type ControlLink = { readonly id: string; readonly slug: string | null };

/** One grant of a request with its own seven links. */
export type GrantChain = GrantFacts & {
  /** What it reached, as far as logs say. */
  readonly scope?: UsedScope | undefined;
  readonly id: string;
  readonly entitlement: string;
  readonly system: string;
  readonly environment: string;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly replaces: boolean;
  /** Another grant took its place. */
  readonly isReplaced: boolean;
  /** What the entitlement gives on its target, as last read there; null where nobody read it. */
  readonly gives: readonly PrivilegeView[] | null;
  readonly givesReadAt: Time | null;
  /** What logs say was reached and the entitlement does not give. */
  readonly outside: readonly string[];
  /** The newest uses, of every source, and how many there are. */
  readonly uses: readonly UseView[];
  readonly usesTotal: number;
  readonly observedAt: Time | null;
  /** Null: the target could not be asked; undefined: not proven yet. */
  readonly stillGiven: readonly StillGivenView[] | null | undefined;
  readonly findings: readonly FindingView[];
  readonly notRecheckedSince: Time | null;
};

/** Links with the events behind each. */
export type LinkView = ChainLink & { readonly eventIds: readonly string[] };

export type VoteView = {
  readonly id: string;
  readonly name: string;
  /** For whom they voted, where the seat was not their own. */
  readonly seatOf: string | null;
  readonly answer: "approve" | "deny";
  /** Null once erased. */
  readonly reason: string | null;
  readonly at: Time;
  readonly durationSeconds: number;
  readonly isVoid: boolean;
  /** From when the stage was asked to the vote; null where nobody wrote down when that was. */
  readonly tookMs: number | null;
  /** Whether the voter had it on screen, and how many were decided with the same click. */
  readonly wasOpened: boolean;
  readonly batchSize: number;
  readonly isHasty: boolean;
  /** How the voter confirmed it; null where policy asked for no passkey. */
  readonly passkey: PasskeyProofView | null;
};

/** A passkey's answer over a vote. Its file holds everything that checking it takes. */
export type PasskeyProofView = {
  readonly proofId: string;
  readonly verifiedAt: Time;
  /** The authenticator saw the person themselves, by finger, face or code. */
  readonly userVerified: boolean;
  /** It was given over this vote and counted for no other. */
  readonly isOverThisVote: boolean;
};

export type StageView = {
  readonly id: string;
  /** Stages at the same position were asked at the same time. */
  readonly position: number;
  readonly label: string;
  readonly needed: number;
  readonly asked: number;
  readonly state: StageState;
  readonly votes: readonly VoteView[];
};

export type PolicyView = {
  readonly id: string;
  readonly moment: string;
  /** The access that was asked about, where there are several. */
  readonly entitlement: string | null;
  readonly outcome: string;
  readonly at: Time;
  readonly policyHash: string;
  /** Null where the set that was asked was never stored. */
  readonly policyVersion: number | null;
  readonly inputHash: string;
  readonly determining: readonly string[];
  readonly reasons: readonly string[];
  /** What policy was asked, as JSON text. */
  readonly input: string;
  /** The policies that made the answer as they stood in that set; null where the set was never stored. */
  readonly texts: readonly { readonly id: string; readonly text: string }[] | null;
};

/** What a ticket was when it was looked at for this chain. */
export type TicketMoment = {
  readonly eventId: string;
  readonly at: Time;
  readonly sentence: string;
  /** SHA-256 of what the ticket system had answered; null where it knew no such ticket. */
  readonly hash: string | null;
  readonly fetchedAt: Time | null;
  /** Its state in that answer; null where that answer is not the newest one, whose facts are kept. */
  readonly state: string | null;
};

/** How far a source of uses has reported, against how far this chain needs it. */
export type SealSource = {
  readonly id: string;
  readonly name: string;
  readonly kind: SourceKind;
  readonly system: string;
  readonly watermark: Time | null;
  /** The end of the chain on its system and the source's lag; null while it lives. */
  readonly neededAt: Time | null;
  readonly lagSeconds: number;
  readonly state: "passed" | "late" | "silent" | "live";
};

/** Whether everything that belongs to a chain has been reported. */
export type SealView = {
  readonly state: SealState;
  readonly sealedAt: Time | null;
  readonly brokenAt: Time | null;
  /** The source whose data came too late; null where it is gone. */
  readonly brokenBy: string | null;
  readonly openUntil: Time | null;
  readonly waitsFor: readonly string[];
  readonly sources: readonly SealSource[];
  /** It was issued, and nothing reports uses there. */
  readonly hasNoSources: boolean;
};

/** One event as the ledger holds it, with its sentence. */
export type EventView = {
  readonly id: string;
  readonly type: string;
  readonly at: Time;
  readonly who: string;
  readonly sentence: string;
  /** Null until the sequencer has been there. */
  readonly position: string | null;
  readonly leafHash: string | null;
  /** The exact canonical bytes as text; null where somebody's engagement leaves out the ids of persons, which they hold. */
  readonly canonical: string | null;
  /** Names and free text beside the event; null where erased. */
  readonly clear: readonly { readonly field: string; readonly value: string | null; readonly hash: string }[];
  readonly grantId: string | null;
};

/** How access was taken without asking first, and whether that is paid back. */
export type EmergencyView = {
  readonly id: string;
  readonly number: number;
  readonly by: string;
  readonly incident: string;
  readonly isListed: boolean;
  /** Why it was louder than others, each as a sentence. */
  readonly flags: readonly string[];
  readonly openedAt: Time | null;
  readonly debt: { readonly dueAt: Time; readonly isOverdue: boolean; readonly size: number; readonly closedAt: Time | null; readonly closedBy: string | null; readonly verdict: string | null } | null;
};

/** Everything that belongs to one request, or to one ask that never became one. */
export type ChainView = {
  readonly id: string;
  readonly kind: "request" | "refused-ask";
  /** Whoever looks sees the chains of an engagement only, so that what lies beyond them is named and leads nowhere. */
  readonly isBounded: boolean;
  readonly number: number | null;
  readonly state: ChainState;
  readonly demo: boolean;
  readonly code: string | null;
  readonly asker: string;
  readonly triggeredBy: string | null;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: IdentityKind } | null;
  readonly owner: string | null;
  readonly entitlements: readonly { readonly id: string; readonly name: string; readonly sensitivity: Sensitivity; readonly system: string }[];
  readonly purpose: string | null;
  /** Null once erased. */
  readonly intent: string | null;
  /** Why it was asked although the identity held it standing; null where nobody had to say, or once erased. */
  readonly standingReason: string | null;
  readonly ticketKey: string | null;
  /** What its ticket system said last; null where no system knows its key. */
  readonly ticket: BoundTicket | null;
  /** What the ticket was whenever it was looked at for this chain, oldest first. */
  readonly ticketMoments: readonly TicketMoment[];
  /** Null until Curfew has looked at the chain; a refused ask has none. */
  readonly seal: SealView | null;
  /** Findings about the request itself. */
  readonly findings: readonly FindingView[];
  /** Null where somebody, or policy, decided beforehand. */
  readonly emergency: EmergencyView | null;
  readonly askedSeconds: number | null;
  readonly grantedSeconds: number | null;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly askedAt: Time;
  readonly stages: readonly StageView[];
  readonly side: readonly { readonly name: string; readonly why: readonly string[] }[];
  readonly policy: readonly PolicyView[];
  /** One per grant, the newest first; one without a grant where none came to be. */
  readonly chains: readonly { readonly grant: GrantChain | null; readonly links: readonly LinkView[] }[];
  readonly events: readonly EventView[];
  readonly hasMoreEvents: boolean;
  /** Positions below this have their place in the ledger. */
  readonly ledgerSize: string;
  /** Positions below this are covered by a signed checkpoint, so that they can be proven. */
  readonly signedSize: string;
};
