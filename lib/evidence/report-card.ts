import type { ExportCounts, ExportFormat } from "./types";

/** Names the rows' definition; a changed list of columns or a changed query gets a new version. */
export const definition = { id: "evidence-chains", version: 1 } as const;

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
  readonly snapshot: Snapshot;
  readonly counts: ExportCounts;
  readonly grantedSeconds: string;
  readonly file: { readonly path: string; readonly sha256: string; readonly bytes: number; readonly rows: number };
};

/** Where the ledger stood in the snapshot that everything was read from. */
export type Snapshot = {
  /** Events in sequence: positions 0 to one less than this. */
  readonly size: bigint;
  /** Committed events that have no position yet. */
  readonly pending: number;
  /** Entries that were really found below `size`. */
  readonly entries: bigint;
  readonly readAt: Date;
  /** The database's clock minus the web server's, in milliseconds. */
  readonly clockOffsetMs: number;
};

const limitations = [
  "Uses are polled. They say what was seen; a use between two looks may have gone unseen. 0 connections seen is not proof that there was none.",
  "Uses of a session that is not over are left out (uses_complete = open), since they grow without an event.",
  "Tickets are named by the requester and not checked with a ticket system.",
  "Names of identities, systems, entitlements and people are those at the time of the export; ids are stable.",
  "What is erased is shown as [erased]; the salted hash of it stays in the ledger.",
  "still_given holds what was seen at the time of the proof; it is not asked again for the export.",
  "The ledger's positions are not signed yet: this file's own hash is in the ledger event that ends the export.",
  "Changing this file after the export cannot be seen from the file alone: compare its SHA-256 with the one that Curfew recorded.",
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
function continuity({ snapshot }: CardFacts) {
  const missing = snapshot.size - snapshot.entries;
  return {
    first_position: snapshot.size > 0n ? 0 : null,
    last_position: snapshot.size > 0n ? Number(snapshot.size - 1n) : null,
    entries_counted: Number(snapshot.entries),
    missing_positions: Number(missing),
  };
}

/** The report card of an export as JSON text: what was asked, of which moment, what is in the file and what it cannot say. */
export function reportCard(facts: CardFacts): string {
  const { snapshot, counts, file } = facts;
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
      as_of_ledger_position: snapshot.size.toString(),
      as_of_means: "One snapshot of the database, in which so many events were in sequence (positions 0 to one less).",
      read_at: snapshot.readAt.toISOString(),
      events_without_position: snapshot.pending,
      checkpoint: null,
    },
    query: facts.statements,
    counts: {
      rows: counts.rows,
      requests: counts.requests,
      grants: counts.grants,
      refused_asks: counts.refusedAsks,
      by_state: counts.byState,
      by_grant_state: counts.byGrantState,
      by_end_reason: counts.byEndReason,
    },
    control_totals: { granted_seconds: facts.grantedSeconds, ledger: continuity(facts) },
    clock: { database_minus_web_ms: snapshot.clockOffsetMs },
    files: [file],
    columns: facts.columns,
    rules: [...(facts.format === "csv" ? csvRules : jsonRules), ...bothRules],
    person_data: "Names and ids of those who asked, voted, own and ended; no e-mail addresses. No secret is in any column.",
    limitations,
    signature: null,
  };
  return `${JSON.stringify(card, null, 2)}\n`;
}

