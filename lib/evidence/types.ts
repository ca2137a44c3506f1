import type { Sensitivity } from "@/lib/entitlements/types";
import type { EndReason, GrantState } from "@/lib/grants/types";
import type { IdentityKind } from "@/lib/identities/types";
import type { RequestState } from "@/lib/requests/types";

/** A time as it travels to the browser: ISO-8601 in UTC. */
export type Time = string;

/** What a line of the evidence is: a grant, a request that never had one, or an ask that was refused before it was a request. */
export const recordKinds = ["grant", "request", "refused-ask"] as const;
export type RecordKind = (typeof recordKinds)[number];

/** States of a request, and what an ask ends as that never became one. */
export const chainStates = ["pending", "approved", "denied", "withdrawn", "lapsed", "refused"] as const;
export type ChainState = RequestState | "refused";

/** States of a grant that is over, or should be, without a proof. */
export const unprovenStates = ["ending", "accepted", "stuck", "not-provable", "forced", "expired-unproven"] as const satisfies readonly GrantState[];

/** One line of the list of evidence. */
export type EvidenceRow = {
  /** Unique in the list. */
  readonly id: string;
  /** Names the chain's page. */
  readonly chainId: string;
  readonly kind: RecordKind;
  readonly number: number | null;
  readonly askedAt: Time;
  readonly state: ChainState;
  /** Why an ask was refused. */
  readonly code: string | null;
  readonly requester: string | null;
  readonly identity: { readonly id: string; readonly name: string; readonly kind: IdentityKind } | null;
  readonly entitlement: string | null;
  readonly sensitivity: Sensitivity | null;
  readonly system: string | null;
  readonly grantState: GrantState | null;
  readonly endReason: EndReason | null;
  /** It takes the place of a grant that was never issued or whose answer was lost. */
  readonly replaces: boolean;
  readonly decidedAt: Time | null;
  readonly issuedAt: Time | null;
  readonly firstUseAt: Time | null;
  readonly lastUseAt: Time | null;
  readonly endedAt: Time | null;
  readonly provenAt: Time | null;
  /** Access was taken by breaking the glass, and nobody has reviewed it yet. */
  readonly debt: { readonly isOverdue: boolean } | null;
  readonly demo: boolean;
};

/** A value that a filter offers. */
export type Choice = { readonly value: string; readonly label: string };

/** Filters whose values are found by name. */
export const choiceKinds = ["identity", "entitlement", "system", "requester", "approver"] as const;
export type ChoiceKind = (typeof choiceKinds)[number];

/** What such filters have chosen, by name. */
export type EvidenceChoices = Readonly<Record<ChoiceKind, readonly Choice[]>>;

export const exportFormats = ["csv", "jsonl"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** One past export as its list shows it. */
export type ExportRow = {
  readonly id: string;
  readonly by: string;
  readonly format: ExportFormat;
  readonly filter: Readonly<Record<string, string>>;
  readonly asOf: string;
  readonly rows: number | null;
  readonly sha256: string | null;
  readonly startedAt: Time;
  readonly finishedAt: Time | null;
  /** `unknown`: it was running when its process stopped, and nobody wrote down how it ended. */
  readonly state: "running" | "complete" | "failed" | "unknown";
  readonly counts: ExportCounts | null;
};

/** What an export holds, counted in its own snapshot. */
export type ExportCounts = {
  readonly rows: number;
  readonly requests: number;
  readonly grants: number;
  readonly refusedAsks: number;
  readonly byState: Readonly<Record<string, number>>;
  readonly byGrantState: Readonly<Record<string, number>>;
  readonly byEndReason: Readonly<Record<string, number>>;
};
