import type { IdentityKind } from "@/lib/identities/types";

export const importFormats = [
  "curfew-csv",
  "curfew-json",
  "aws-credential-report",
  "aws-authorization-details",
  "kubernetes",
  "github-export",
  "github-audit-log",
] as const;
export type ImportFormat = (typeof importFormats)[number];

export const importStates = [
  "announced", "receiving", "interrupted", "comparing", "ready", "unchanged", "applying", "applied", "discarded", "failed",
] as const;
export type ImportState = (typeof importStates)[number];

export const changeKinds = ["identity", "credential", "entitlement", "assignment"] as const;
export type ChangeKind = (typeof changeKinds)[number];

export const changes = ["appeared", "returned", "changed", "vanished", "outvoted"] as const;
export type Change = (typeof changes)[number];

/** What files say about one thing: text, numbers, lists of text. Times are ISO text in UTC with milliseconds. */
export type Fact = string | number | boolean | null | readonly string[];
export type Facts = Readonly<Record<string, Fact>>;

type Row<Kind extends string, Said extends Facts = Facts> = {
  readonly kind: Kind;
  /** What the file calls it: one thing per kind and key. */
  readonly key: string;
  /** The identity or group that it is about. */
  readonly ref: string;
  /** The entitlement, group, day or source that it is about. */
  readonly ref2: string;
  /** 0: the file describes it. 1: the file only mentions it. */
  readonly rank: 0 | 1;
  readonly facts: Said;
};

export type IdentityFacts = {
  readonly name: string;
  readonly kind: IdentityKind;
  readonly description?: string | null;
  readonly environment?: string;
  readonly vendor?: string | null;
  readonly tags?: readonly string[];
  readonly createdAt?: string | null;
  readonly lastUsedAt?: string | null;
  readonly visibleSince?: string | null;
};

export type CredentialFacts = {
  readonly handle: string;
  readonly kind: string;
  readonly createdAt?: string | null;
  readonly rotatedAt?: string | null;
  readonly isEnabled?: boolean;
  readonly expiresAt?: string | null;
  readonly lastUsedAt?: string | null;
  readonly visibleSince?: string | null;
};

export type EntitlementFacts = {
  readonly description?: string;
  readonly actions?: readonly string[];
  readonly sensitivity?: "low" | "medium" | "high" | "critical";
};

/** One thing as it is staged, whatever file it comes from. */
export type StagedRow =
  | Row<"identity", IdentityFacts>
  | Row<"credential", CredentialFacts>
  | Row<"entitlement", EntitlementFacts>
  | Row<"assignment", { readonly path: readonly string[] }>
  | Row<"member", { readonly name: string }>
  | Row<"group-holds", { readonly name: string }>
  | Row<"use-day", Record<string, never>>
  | Row<"use-source", { readonly first: string; readonly last: string }>;

/** Why a line was not taken. */
export const rejectionCodes = [
  "columns", "quotes", "value", "missing", "too-long", "not-readable", "secret", "duplicate", "control-characters", "aliases", "unknown-kind",
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

/** A line that was not taken. Holds no value of the line; `about` is a name that is known to be no secret. */
export type Rejection = { readonly code: RejectionCode; readonly field: string | null; readonly about: string | null };

/** What a parser says of one line, record or document. */
export type ReadLine =
  | { readonly line: number; readonly rows: readonly StagedRow[] }
  | { readonly line: number; readonly rejected: Rejection }
  /** It is about something that Curfew does not keep: a person, another kind of object. */
  | { readonly line: number; readonly passed: true }
  /** What was learnt about the file as a whole. */
  | { readonly line: number; readonly file: { readonly asOf?: string; readonly isPart?: true } };

/** Why a whole file was not taken. */
export const fileFailures = [
  "empty", "too-large", "bomb", "not-text", "truncated", "not-readable", "line-too-long", "too-deep", "wrong-format", "no-such-columns",
  "nothing-usable", "too-many", "not-complete", "older", "went-wrong",
] as const;
export type FileFailure = (typeof fileFailures)[number];

/** Progress of an import, as its page asks for it every second. */
export type ImportProgress = {
  readonly id: string;
  readonly state: ImportState;
  readonly linesRead: number;
  readonly linesRejected: number;
  readonly linesPassed: number;
  readonly bytesReceived: number;
  readonly createdAt: string;
  readonly progressAt: string;
};

export type ImportRow = ImportProgress & {
  readonly fileName: string;
  readonly format: ImportFormat;
  readonly system: { readonly id: string; readonly name: string };
  readonly by: string;
  readonly changes: number | null;
};

/** Counts of differences: by kind, then by change. Days and sources of use only add up. */
export type ChangeCounts = {
  readonly changes: Readonly<Partial<Record<ChangeKind, Readonly<Partial<Record<Change, number>>>>>>;
  readonly contradictions: number;
  readonly useDays: number;
  readonly useSources: number;
  /** Identities that were known of this kind of file before. */
  readonly known: number;
};

export type RejectionView = { readonly line: number; readonly code: RejectionCode; readonly field: string | null; readonly about: string | null };

/** One field of a difference. */
export type FieldChange = { readonly field: string; readonly before: Fact | undefined; readonly after: Fact | undefined };

export type ChangeView = {
  readonly seq: number;
  readonly kind: ChangeKind;
  readonly change: Change;
  readonly name: string;
  /** For a credential or an assignment: the identity that it belongs to. */
  readonly of: string | null;
  readonly line: number | null;
  readonly fields: readonly FieldChange[];
};

export type ContradictionView = {
  readonly seq: number;
  readonly kind: ChangeKind;
  readonly name: string;
  readonly field: string;
  readonly here: Fact;
  readonly there: Fact;
  readonly family: ImportFormat | "curfew";
  readonly asOf: string;
  readonly wins: boolean;
};

export type ImportView = ImportRow & {
  readonly isComplete: boolean;
  readonly asOf: string;
  readonly failure: FileFailure | null;
  readonly failureDetail: Readonly<Record<string, string | number>>;
  readonly sha256: string | null;
  readonly bytesRead: number;
  readonly textsWithheld: number;
  readonly counts: ChangeCounts | null;
  readonly digest: string | null;
  readonly confirmedBy: string | null;
  readonly receivedAt: string | null;
  readonly comparedAt: string | null;
  readonly closedAt: string | null;
  readonly rejections: readonly RejectionView[];
};

/** A machine's way to send files about one system. */
export type ImportTokenView = {
  readonly id: string;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
};
