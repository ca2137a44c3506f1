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
  /** Whether all of it has been reported; null where nobody has looked yet, and for what was refused. */
  readonly seal: SealState | null;
  readonly demo: boolean;
};

/** Whether everything that belongs to a chain has been reported (`lib/chains/seal.ts`); `broken` where data came later than its source said. */
export const sealStates = ["complete", "open", "unknowable", "live", "broken"] as const;
export type SealState = (typeof sealStates)[number];

/** How sure it is that a use belongs to a session; `none` where no use was seen. */
export const useMatches = ["exact", "strong", "inferred", "none"] as const;

/** A value that a filter offers. */
export type Choice = { readonly value: string; readonly label: string };

/** Filters whose values are found by name. */
export const choiceKinds = ["identity", "entitlement", "system", "requester", "approver", "environment"] as const;
export type ChoiceKind = (typeof choiceKinds)[number];

/** What such filters have chosen, by name. */
export type EvidenceChoices = Readonly<Record<ChoiceKind, readonly Choice[]>>;

/** A sample that a bundle brings: a nonce that was chosen after the checkpoint stood, and how many of which strata: `all`, `<column>:<value>`, or `<column>:*` for each value. */
export type SampleAsked = { readonly nonce: string; readonly count: number; readonly strata: readonly string[] };

export const exportFormats = ["csv", "jsonl", "xlsx", "pdf", "oscal", "ocsf", "sarif", "bundle"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const exportStates = ["queued", "running", "complete", "failed", "cancelled", "expired"] as const;
export type ExportState = (typeof exportStates)[number];

/** How far an export is. */
export type ExportProgress = { readonly id: string; readonly state: ExportState; readonly rowsDone: number; readonly rowsTotal: number | null; readonly bytes: number | null };

/** One export as its list shows it. */
export type ExportRow = ExportProgress & {
  readonly by: string;
  readonly format: ExportFormat;
  readonly filter: Readonly<Record<string, string>>;
  readonly definitionVersion: number;
  readonly asOf: string | null;
  readonly rows: number | null;
  /** Of the file as it is downloaded. */
  readonly sha256: string | null;
  readonly fileName: string | null;
  readonly requestedAt: Time;
  readonly finishedAt: Time | null;
  readonly expiresAt: Time | null;
  readonly failure: string | null;
  readonly counts: ExportCounts | null;
  /** One's own: can be downloaded, or cancelled. */
  readonly isOwn: boolean;
};

/** With the names behind the ids that it was filtered by. */
export type NamedExport = ExportRow & { readonly named: Readonly<Record<string, string>> };

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

/** What a sample is drawn from apart: all records together, or those of each value of a column of `chains.csv`. */
export const sampleStrata = ["all", "record", "access_kind", "system_id", "sensitivity", "end_reason", "use_match", "has_finding"] as const;
export type SampleStrata = (typeof sampleStrata)[number];

/** One record that a sample chose. */
export type SampledRecord = {
  /** Its name in the sample: of its grant, else its request, else the position of a refused ask. */
  readonly record: string;
  readonly chainId: string;
  readonly number: number | null;
  readonly identity: string | null;
  readonly entitlement: string | null;
  readonly askedAt: Time;
  readonly stratum: string;
  readonly rank: string;
};

/** A sample with all that it takes to draw it again by hand. */
export type SampleDrawn = {
  readonly checkpointSize: string;
  readonly root: string;
  readonly nonce: string;
  /** `label`: what the stratum is in words. */
  readonly strata: readonly { readonly stratum: string; readonly label: string; readonly seed: string; readonly population: number }[];
  readonly records: readonly SampledRecord[];
  /** Of the records' names, a line each, in the order shown. */
  readonly sha256: string;
};

/** A row that is on one side of a reconciliation only. */
export type UnmatchedRow = {
  readonly side: "left" | "right";
  readonly grantId: string | null;
  readonly requestNumber: number | null;
  readonly identity: string | null;
  readonly system: string | null;
  readonly credential: string | null;
  readonly at: Time | null;
  readonly explanation: string;
};

/** Formats whose file brings the whole lists of a reconciliation. */
export const formatsWithLists: readonly ExportFormat[] = ["csv", "jsonl", "oscal", "ocsf", "bundle"];

/** Lists that an export compared both ways. */
export type Reconciled = {
  readonly at: Time;
  /** Whose file has the whole lists, while it can be downloaded. */
  readonly exportId: string | null;
  readonly lists: readonly {
    readonly id: string;
    readonly name: string;
    readonly left: { readonly what: string; readonly count: number };
    readonly right: { readonly what: string; readonly count: number };
    readonly matched: number;
    readonly onlyLeft: number;
    readonly onlyRight: number;
    readonly unexplained: number;
    /** The first of what is on one side only. */
    readonly first: readonly UnmatchedRow[];
  }[];
};
