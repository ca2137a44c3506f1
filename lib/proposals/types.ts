import type { SubjectKind } from "@/lib/ledger/events";

/** Dangerous changes that need a second administrator (`lib/proposals/kinds.ts` does them). */
export const proposalKinds = ["give-role", "connect-system", "change-connection", "lower-sensitivity", "list-break-glass", "engage-auditor", "rotate-key"] as const;
export type ProposalKind = (typeof proposalKinds)[number];

export const proposalStates = ["waiting", "confirmed", "rejected", "withdrawn", "lapsed"] as const;
export type ProposalState = (typeof proposalStates)[number];

/** What a proposal is about, as its events say it. */
export type ProposalSubjects = Partial<Record<SubjectKind, string>>;

/** A proposal as administrators see it. */
export type ProposalView = {
  readonly id: string;
  readonly kind: string;
  /** What would be done: "Make Mika Tanaka an auditor". */
  readonly sentence: string;
  /** Where the thing itself is shown. */
  readonly href: string | null;
  readonly proposedBy: { readonly id: string; readonly name: string; readonly hasLeft: boolean };
  readonly proposedAt: string;
  readonly decideBefore: string;
  /** Why the person who looks cannot confirm it; null when they can. */
  readonly whyNot: ConfirmRefusal | null;
  readonly isYours: boolean;
};

/** Why a proposal cannot be made. */
export type ProposeRefusal = "no-longer-administrator" | "already-proposed";

/** Why somebody cannot confirm or reject a proposal. */
export type ConfirmRefusal =
  | "unknown-proposal"
  | "not-waiting"
  | "own-proposal"
  | "own-side"
  | "no-longer-administrator"
  | "proposer-no-longer-administrator"
  | "too-late";
