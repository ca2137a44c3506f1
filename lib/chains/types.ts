import type { EndReason, GrantState } from "@/lib/grants/types";

/** One observed use as the detectors look at it. */
export type UseFacts = {
  readonly id: string;
  readonly kind: string;
  readonly startedAt: Date;
  readonly lastSeenAt: Date;
  readonly source: string;
  readonly match: string | null;
  /** Refused and failed attempts reached nothing. */
  readonly outcome: string;
  /** Who used it, as the target's log names it; null where the source does not say. */
  readonly principal: string | null;
  /** What was touched that the entitlement does not give; empty where nothing was, or the source does not say. */
  readonly outside: readonly string[];
};

/** One source of uses of a system, as its watermark stands. */
export type SourceFacts = {
  readonly sourceId: string;
  readonly name: string;
  /** Only a log may say that something was not used; polled sources may have missed it. */
  readonly kind: "polled" | "log";
  /** Up to when it says that it has reported everything; null where it never said so. */
  readonly watermark: Date | null;
  readonly lagSeconds: number;
};

/** What the chain's detectors know of one grant. */
export type GrantFacts = {
  readonly id: string;
  readonly entitlement: string;
  readonly systemId: string;
  readonly state: GrantState;
  readonly durationSeconds: number;
  readonly handleName: string | null;
  readonly issueStartedAt: Date | null;
  readonly activatedAt: Date | null;
  readonly notAfter: Date | null;
  readonly endReason: EndReason | null;
  readonly endingAt: Date | null;
  readonly acceptedAt: Date | null;
  readonly provenAt: Date | null;
  readonly closedAt: Date | null;
  readonly stuckSince: Date | null;
  /** Other ways to the same entitlement, seen at the proof; null where the target could not be asked or nothing is proven. */
  readonly stillGiven: readonly string[] | null;
  readonly firstUseAt: Date | null;
  readonly lastUseAt: Date | null;
  readonly useCount: number;
  readonly uses: readonly UseFacts[];
  readonly sources: readonly SourceFacts[];
};

/** A vote that counted for an approval. */
export type ApprovalFacts = { readonly personId: string; readonly name: string; readonly stageId: string; readonly votedAt: Date };

/** Somebody who stands on the asking side by a fact that the vote did not know. */
export type LaterSide = { readonly personId: string; readonly why: string; readonly since: Date };

/** Everything that the detectors know of one request. */
export type ChainFacts = {
  readonly requestId: string;
  readonly number: number;
  readonly submittedAt: Date;
  readonly demo: boolean;
  readonly identityId: string;
  readonly identity: string;
  /** When the ledger says that it was approved, and how; null where it never was. */
  readonly approved: { readonly at: Date; readonly by: "votes" | "policy" | "broken-glass" } | null;
  /** Stages that have to be passed, with the votes each needs. */
  readonly stages: readonly { readonly id: string; readonly needed: number }[];
  readonly approvals: readonly ApprovalFacts[];
  /** Persons on the asking side at any time before the vote, or since by a fact that came later. */
  readonly sides: readonly LaterSide[];
  /** Who put the policy set in force that decided; null where it was Curfew itself. */
  readonly policyBy: { readonly personId: string; readonly name: string; readonly at: Date } | null;
  /** When its ticket was first seen closed; null where it never was. */
  readonly ticketClosedAt: Date | null;
  readonly grants: readonly GrantFacts[];
};

/** Kinds of gaps that are found in a chain. */
export const gapKinds = [
  "use-outside-scope",
  "use-before-start",
  "use-after-end",
  "use-by-other",
  "grant-never-used",
  "grant-far-longer",
  "issued-without-approval",
  "ended-late",
  "end-unproven",
  "approver-on-side",
  "policy-by-beneficiary",
  "ticket-closed-before-use",
  "still-reachable",
] as const;
export type GapKind = (typeof gapKinds)[number];

/** One gap in a chain. */
export type Gap = {
  readonly kind: GapKind;
  readonly grantId: string | null;
  readonly title: string;
  readonly detail: Readonly<Record<string, string | number | readonly string[]>>;
};

/** Whether everything that belongs to a chain has been reported. */
export type Seal =
  /** Nothing was ever used, and nothing ever can be: asked, and then denied, withdrawn, lapsed or failed. */
  | { readonly state: "complete"; readonly without: "sources" | null }
  /** Something of it still lives. */
  | { readonly state: "live" }
  /** Over, but a source has not reported that far. */
  | { readonly state: "open"; readonly until: Date; readonly late: readonly string[] }
  /** Over, and a source never says how far it has reported. */
  | { readonly state: "unknowable"; readonly silent: readonly string[] };
