/** How the lines of a source are read. */
export const sourceFormats = ["postgres-jsonlog", "postgres-csvlog", "cloudtrail", "kubernetes-audit", "openbao-audit", "github-audit", "sshd"] as const;
export type SourceFormat = (typeof sourceFormats)[number];

/** `polled`: looks now and then, and says "seen". `log`: the target writes everything down, so that it can say "not used". */
export const sourceKinds = ["polled", "log"] as const;
export type SourceKind = (typeof sourceKinds)[number];

/** How sure it is that a use belongs to a session, the surest first. */
export const matchQualities = ["exact", "strong", "inferred"] as const;
export type MatchQuality = (typeof matchQualities)[number];

export const useKinds = ["connection", "statement", "call"] as const;
export type UseKind = (typeof useKinds)[number];

/** `refused`: not permitted; `failed`: permitted, but it came to nothing. */
export const useOutcomes = ["allowed", "refused", "failed"] as const;
export type UseOutcome = (typeof useOutcomes)[number];

/** Why a line was not taken. Never what it says. */
export const lineProblems = [
  "not-json", "not-csv", "not-this-format", "no-time", "time-zone-unknown", "time-without-year", "no-id", "too-long", "broken-off", "name-is-secret", "too-deep",
] as const;
export type LineProblem = (typeof lineProblems)[number];

/** One use as a line of a log tells of it. Statements stand here as what they do to what, and as a hash: never as text. */
export type LoggedUse = {
  readonly kind: UseKind;
  /** Unique in its source. */
  readonly key: string;
  readonly at: Date;
  /** Where the line says that it is over. */
  readonly endedAt: Date | null;
  readonly principal: string | null;
  readonly action: string | null;
  readonly objects: readonly string[];
  /** `target` where it says what was reached, `text` where that is read from a statement. */
  readonly objectsBy: "target" | "text" | null;
  readonly outcome: UseOutcome;
  readonly clientAddress: string | null;
  readonly statementHash: string | null;
  /** What names the credential in this line: `kind:value`, the surest first. */
  readonly markers: readonly string[];
  /** The line is about how an earlier one ended: that one's key. It counts only where both are the same statement. */
  readonly endsKey: string | null;
  /** The line issued a credential: what names that one from now on. */
  readonly issues: readonly string[];
  /** Where it stands among its session's lines, if another line may tell of the same statement. */
  readonly line: StatementLine | null;
};

/**
 * One line about a statement. PostgreSQL says that it begins (`statement`) or how long it took (`duration`), pgAudit what it reached
 * (`audit`): where the last is there, the others say nothing more.
 */
export type StatementLine = { readonly session: string; readonly number: number; readonly by: "statement" | "duration" | "audit"; /** Of the first statement in its text. */ readonly hash: string };

/** One line of a log. `at` is its time, where it has one: every line moves how far a log has reported. */
export type LogLine = { readonly line: number; readonly at: Date | null } & (
  | { readonly uses: readonly LoggedUse[] }
  | { readonly rejected: LineProblem }
);

/** How far a source has reported, for whoever asks whether a chain is complete. */
export type SourceWatermark = {
  readonly sourceId: string;
  readonly name: string;
  /** Up to then it says that it has reported everything; null while it has said nothing. */
  readonly watermark: Date | null;
  readonly lagSeconds: number;
  readonly kind: SourceKind;
};

/** What one session reached, as far as sources say. */
export type UsedScope = {
  readonly rows: readonly UsedScopeRow[];
  /** There is more than is listed here. */
  readonly hasMore: boolean;
  readonly total: number;
  readonly byMatch: Readonly<Record<MatchQuality, number>>;
};

export type UsedScopeRow = {
  /** What was reached; null where the source does not say. */
  readonly object: string | null;
  readonly action: string;
  readonly kind: UseKind;
  readonly count: number;
  readonly refused: number;
  readonly first: string;
  readonly last: string;
  /** The least sure of them. */
  readonly match: MatchQuality;
  readonly objectsBy: "target" | "text" | null;
  readonly sources: readonly string[];
};

/** A source as its list shows it. Dates are ISO text. */
export type SourceRow = {
  readonly id: string;
  readonly name: string;
  readonly kind: SourceKind;
  readonly format: SourceFormat | null;
  readonly isLive: boolean;
  readonly system: { readonly id: string; readonly name: string };
  readonly lagSeconds: number;
  readonly folder: string | null;
  readonly coversFrom: string | null;
  readonly watermark: string | null;
  readonly receivedAt: string | null;
  readonly linesRead: number;
  readonly linesRejected: number;
  readonly linesRepeated: number;
  readonly usesKept: number;
  readonly usesUnmatched: number;
  readonly lastError: string | null;
  readonly lastErrorAt: string | null;
  readonly closedAt: string | null;
};

export type SourceFileView = {
  readonly id: string;
  readonly name: string;
  readonly state: "receiving" | "complete" | "interrupted" | "failed";
  readonly failure: string | null;
  readonly sha256: string | null;
  readonly linesRead: number;
  readonly linesRejected: number;
  readonly linesRepeated: number;
  readonly usesKept: number;
  readonly startedAt: string;
  readonly sender: string;
};

/** One source with what was not taken, the files that came and the machines that may send. */
export type SourceView = SourceRow & {
  readonly rejections: readonly { readonly seq: string; readonly place: string; readonly line: number; readonly code: LineProblem; readonly at: string }[];
  readonly files: readonly SourceFileView[];
  readonly tokens: readonly { readonly id: string; readonly name: string; readonly maker: string; readonly expiresAt: string; readonly lastUsedAt: string | null }[];
};

/** What became of lines that somebody sent. */
export type Received = {
  readonly state: "complete" | "interrupted" | "failed";
  readonly failure: string | null;
  readonly linesRead: number;
  readonly linesRejected: number;
  readonly linesRepeated: number;
  readonly usesKept: number;
  readonly usesLate: number;
  readonly watermark: string | null;
};
