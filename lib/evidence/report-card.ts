import type { ExportCounts, ExportFormat, UnmatchedRow } from "./types";

/** Names the rows' definition; a changed list of columns or a changed query gets a new version. */
export const definition = { id: "evidence-chains", version: 3 } as const;

/** What the card says about one run, before it is put in words. */
export type CardFacts = {
  readonly exportId: string;
  readonly format: ExportFormat;
  readonly isDemo: boolean;
  readonly curfewVersion: string;
  readonly requestedBy: { readonly id: string; readonly name: string; readonly roles: readonly string[] };
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly filter: Readonly<Record<string, string>>;
  readonly period: { readonly from: Date | null; readonly to: Date | null };
  readonly columns: readonly { readonly name: string; readonly kind: string; readonly meaning: string }[];
  readonly statements: readonly { readonly text: string; readonly sha256: string }[];
  readonly definitionSha256: string;
  readonly standing: Standing;
  readonly counts: ExportCounts;
  readonly grantedSeconds: string;
  readonly reconciliations: readonly ReconciliationCounts[];
  readonly redactions: readonly Redaction[];
  readonly previous: PreviousRun | null;
  readonly sources: readonly CardSource[];
  readonly files: readonly CardFile[];
};

/** What is left out of rows or shown as something else. */
export type Redaction = {
  readonly id: string;
  readonly fields: readonly string[];
  readonly method: string;
  /** Rows that it concerns. */
  readonly rows: number;
  readonly why: string;
  readonly whoMaySee: string;
};

/** The newest finished export before with the same filters. */
export type PreviousRun = {
  readonly exportId: string; readonly format: string; readonly definitionVersion: number; readonly asOf: bigint; readonly finishedAt: Date; readonly sha256: string; readonly counts: ExportCounts;
};

/** Where uses of the rows' sessions are known from, and how far each has reported. */
export type CardSource = {
  readonly system: string; readonly name: string; readonly kind: string; readonly format: string | null; readonly lagSeconds: number;
  readonly coversFrom: Date | null; readonly watermark: Date | null; readonly closedAt: Date | null;
};

/** A file that the card speaks of. */
export type CardFile = { readonly path: string; readonly sha256: string; readonly bytes: number; readonly rows: number | null };

/** Where the ledger stood in the snapshot that everything was read from. */
export type Standing = {
  /** Events in sequence: positions 0 to one less than this. */
  readonly size: bigint;
  /** When the last of them got its position; fixed for ever by the position, so that files may carry it. */
  readonly at: Date;
  /** Committed events that have no position yet. */
  readonly pending: number;
  /** Entries that were really found below `size`. */
  readonly entries: bigint;
  /** Stretches of positions below `size` without an entry, both ends included; the first of them where there are very many. */
  readonly missing: readonly { readonly from: number; readonly to: number }[];
  readonly readAt: Date;
  /** The database's clock minus the writer's, in milliseconds. */
  readonly clockOffsetMs: number;
  /** The newest signed checkpoint within it; null where none was signed yet. */
  readonly checkpoint: { readonly size: bigint; readonly root: string; readonly note: string } | null;
  /** The last checkpoint that was sent out of the house; null where none was. */
  readonly lastSent: { readonly where: string; readonly size: bigint; readonly sentAt: Date } | null;
};

/** Two lists that should hold the same, compared both ways. */
export type ReconciliationCounts = {
  /** Names its file: `reconciliation/<id>.csv`. */
  readonly id: string;
  readonly name: string;
  readonly left: { readonly what: string; readonly count: number };
  readonly right: { readonly what: string; readonly count: number };
  readonly matched: number;
  readonly onlyLeft: number;
  readonly onlyRight: number;
  /** Of those on one side only: without an explanation. */
  readonly unexplained: number;
  /** The first rows of what is on one side only. */
  readonly first: readonly UnmatchedRow[];
};

/** Rows of what is on one side only that a report card shows; the reconciliation's file has all of them. */
export const firstUnmatched = 20;

/** What an export cannot say. */
export const cardLimitations = [
  "How uses are known stands in use_source. Looks now and then say what they saw: a use between two looks may have gone unseen, and 0 connections seen is not proof that there was none. Only a log that reported all of a session's time says that there was none (used = not used).",
  "Uses of a session are left out until it is over and every log of its system has reported past its end (uses_complete = open), since they grow without an event. Where a log never says how far it has reported, more may still come (uses_complete = unknown).",
  "A ticket that no provider knows stands as its requester named it (ticket_check = named, not checked).",
  "Names of identities, systems, entitlements and people are those at the time of the export; ids are stable.",
  "What is erased is shown as [erased]; the salted hash of it stays in the ledger.",
  "still_given holds what was seen at the time of the proof; it is not asked again for the export.",
  "A reconciliation compares what Curfew recorded with what a target named when it was last asked; what came and went between two looks is in neither list.",
  "Changing this file after the export cannot be seen from the file alone: its SHA-256 is in the ledger event that ends the export. The bundle carries signatures and proofs.",
];

const csvRules = [
  "UTF-8 without byte order mark, RFC 4180 quoting, lines end with LF, one header line always.",
  "A text cell that begins with = + - @ TAB or CR has an apostrophe before it, so that a spreadsheet does not run it.",
  "Several values in one cell are separated by '; ' (reasons by ' | ').",
];
const jsonRules = ["UTF-8, one JSON object a line, lines end with LF, keys in the order of the columns.", "Exact values: no apostrophes, null where nothing is known or nothing happened."];
const bothRules = [
  "Times are ISO-8601 in UTC with milliseconds.",
  "Empty (null) means that it did not happen or does not apply; what is not known or erased says so in words.",
  "Rows: requests in the order in which they were asked (asked_at, request_id, grant_id), then refused asks in the same order.",
  "One row per entitlement asked for; one per grant where an issue was lost and done again.",
];

function periodWords({ from, to }: CardFacts["period"]) {
  return {
    field: "asked_at",
    from: from?.toISOString() ?? null,
    from_is: "inclusive",
    to: to?.toISOString() ?? null,
    to_is: "exclusive",
  };
}

function exclusionsOf({ filter, isDemo, counts }: CardFacts): string[] {
  const filtered = Object.keys(filter).length > 0 ? ["Everything that the filters above leave out."] : ["Nothing: every request and every refused ask is in the file."];
  const demo = isDemo && filter["demo"] !== "no" ? ["Demo data is included and marked (demo = yes)."] : [];
  return [...filtered, ...demo, ...(counts.rows === 0 ? ["No row matched."] : [])];
}

/** Positions from 0 on without a gap, by count and not by assumption. */
function continuity({ standing: { size, entries, missing } }: CardFacts) {
  const count = Number(size - entries);
  const listed = missing.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return {
    first_position: size > 0n ? 0 : null,
    last_position: size > 0n ? Number(size - 1n) : null,
    entries_counted: Number(entries),
    missing_positions: count,
    missing_seq: missing,
    missing_seq_is: listed === count ? "all of them, both ends included" : `the first ${listed} of them, both ends included`,
  };
}

const differing = (now: Readonly<Record<string, number>>, then: Readonly<Record<string, number>>) =>
  Object.fromEntries([...new Set([...Object.keys(now), ...Object.keys(then)])].sort().map((name) => [name, (now[name] ?? 0) - (then[name] ?? 0)]).filter(([, difference]) => difference !== 0));

const countsSaid = (counts: ExportCounts) => ({
  rows: counts.rows,
  requests: counts.requests,
  grants: counts.grants,
  refused_asks: counts.refusedAsks,
  by_state: counts.byState,
  by_grant_state: counts.byGrantState,
  by_end_reason: counts.byEndReason,
});

/** The run before over the same question, and what changed since. */
function previousRun({ previous, counts }: CardFacts) {
  if (!previous) return null;
  const { counts: then } = previous;
  return {
    report_id: previous.exportId,
    format: previous.format,
    report_definition_version: previous.definitionVersion,
    as_of_ledger_position: previous.asOf.toString(),
    finished_at: previous.finishedAt.toISOString(),
    sha256: previous.sha256,
    counts: countsSaid(then),
    differences: {
      rows: counts.rows - then.rows, requests: counts.requests - then.requests, grants: counts.grants - then.grants, refused_asks: counts.refusedAsks - then.refusedAsks,
      by_state: differing(counts.byState, then.byState), by_grant_state: differing(counts.byGrantState, then.byGrantState), by_end_reason: differing(counts.byEndReason, then.byEndReason),
    },
  };
}

function reconciled({ id, name, left, right, matched, onlyLeft, onlyRight, unexplained, first }: ReconciliationCounts) {
  const all = onlyLeft + onlyRight;
  return {
    id, name, left, right, matched, only_left: onlyLeft, only_right: onlyRight, unexplained,
    unmatched: first.map(({ grantId, requestNumber, identity, system, ...row }) => ({ ...row, grant_id: grantId, request_number: requestNumber, identity_name: identity, system_name: system })),
    unmatched_is: first.length === all ? "all of them" : `the first ${first.length} of ${all}; reconciliation/${id}.csv has all of them`,
  };
}

function sourceSaid({ system, name, kind, format, lagSeconds, coversFrom, watermark, closedAt }: CardSource) {
  const said = kind === "log" ? "A log: says what was used, and what was not between covers_from and its watermark." : "Looks now and then: says what was seen, never that nothing was.";
  return {
    system, name, kind: kind === "log" ? "log" : "looks", format, says: said, lag_seconds: lagSeconds,
    covers_from: coversFrom?.toISOString() ?? null, watermark: watermark?.toISOString() ?? null, closed_at: closedAt?.toISOString() ?? null,
  };
}

/** How a file of each format is to be read. */
const formatRules = {
  csv: csvRules,
  jsonl: jsonRules,
  xlsx: ["Text cells are text: a spreadsheet never runs them. Times are text, too, so that no zone is guessed.", "A sheet holds at most 1,000,000 rows; the chains go on in the next one."],
  pdf: ["Figures are of all rows; exceptions and sample pages are a part of them, and say how many there are."],
  oscal: ["OSCAL assessment-results 1.2.1 as one JSON document. Its ids are UUIDs of version 5, derived from Curfew's own: the same record has the same id in each run."],
  ocsf: ["OCSF 1.8.0 events as JSON Lines. Times are milliseconds since 1970-01-01 UTC."],
  sarif: ["SARIF 2.1.0 as one JSON document: the findings about the rows' grants, and, where nothing but identities, systems, findings and time is filtered by, those about no grant. Closed ones are told, too, and are no failures."],
  bundle: ["A ZIP in one fixed form, each file named in a signed manifest: docs/evidence-bundle.md. chains.csv has the rules of CSV, chains.jsonl exact values."],
} as const satisfies Record<ExportFormat, readonly string[]>;

/** How a file of a format is to be read. */
export const cardRules = (format: ExportFormat): readonly string[] => [...formatRules[format], ...bothRules];

/** The report card of an export as JSON text: what was asked, of which moment, what is in the file and what it cannot say. */
export function reportCard(facts: CardFacts): string {
  const { standing, counts } = facts;
  const card = {
    report_id: facts.exportId,
    title: "Evidence of access: asked, decided, issued, used, ended, proven dead",
    purpose: "Every request for access of a non-human identity and what became of it, for an auditor.",
    report_definition: { ...definition, sha256: facts.definitionSha256 },
    generator: { name: "curfew", version: facts.curfewVersion },
    environment: facts.isDemo ? "demo" : "production",
    requested_by: facts.requestedBy,
    run_started_at: facts.startedAt.toISOString(),
    run_finished_at: facts.finishedAt.toISOString(),
    timezone: "UTC",
    period: periodWords(facts.period),
    parameters: { format: facts.format },
    filters: facts.filter,
    exclusions: exclusionsOf(facts),
    source: {
      system: "curfew",
      as_of_ledger_position: standing.size.toString(),
      as_of_time: standing.at.toISOString(),
      as_of_means: "One snapshot of the database, in which so many events were in sequence (positions 0 to one less); the time is that of the last of them.",
      read_at: standing.readAt.toISOString(),
      events_without_position: standing.pending,
      checkpoint: standing.checkpoint && { size: standing.checkpoint.size.toString(), root: standing.checkpoint.root, note: standing.checkpoint.note },
      last_checkpoint_sent_outside: standing.lastSent && { where: standing.lastSent.where, size: standing.lastSent.size.toString(), sent_at: standing.lastSent.sentAt.toISOString() },
    },
    query: facts.statements,
    counts: countsSaid(counts),
    control_totals: { granted_seconds: facts.grantedSeconds, ledger: continuity(facts) },
    reconciliations: facts.reconciliations.map(reconciled),
    sources_of_uses: facts.sources.map(sourceSaid),
    clock: { database_minus_worker_ms: standing.clockOffsetMs },
    redactions: facts.redactions.map(({ whoMaySee, ...rest }) => ({ ...rest, who_may_see: whoMaySee })),
    previous_run: previousRun(facts),
    files: facts.files,
    columns: facts.columns,
    rules: cardRules(facts.format),
    person_data: "Names and ids of those who asked, voted, own and ended; no e-mail addresses. No secret is in any column.",
    limitations: cardLimitations,
    signature: null,
  };
  return `${JSON.stringify(card, null, 2)}\n`;
}

