import type { PersonActor } from "@/lib/auth/actor";
import type { Prisma } from "@/lib/db/generated/client";
import type { EvidenceQuery } from "../query";
import type { CardFile, ReconciliationCounts, Standing } from "../report-card";
import type { EvidenceFilter } from "../schema";
import type { ExportCounts, ExportFormat, SampleAsked } from "../types";

/** A row by the names of the columns, as JSON Lines hold it: exact values, null where there is nothing to say. */
export type ChainRow = Readonly<Record<string, string | number | null>>;

/** Two lists compared, with the statement of what is on one side only. */
export type Reconciliation = ReconciliationCounts & { readonly unmatched: Prisma.Sql };

/** One try to write an export: all of it is read from one snapshot, and memory does not grow with the data. */
export type ExportRun = {
  readonly exportId: string;
  readonly format: ExportFormat;
  /** Who asked. Stands in the report card only: a data file says nothing that another run would say differently. */
  readonly actor: PersonActor;
  readonly filter: EvidenceFilter;
  /** The query behind the filter, for what else is asked about the same rows. */
  readonly evidence: EvidenceQuery;
  /** The sample that a bundle is to bring; null where none was asked for. */
  readonly sample: SampleAsked | null;
  readonly startedAt: Date;
  readonly standing: Standing;
  readonly counts: ExportCounts;
  readonly grantedSeconds: string;
  /** The data file through COPY. Counts as the export's progress, as `rows` does. */
  data(form: "csv" | "jsonl"): AsyncIterable<Uint8Array>;
  /** The same rows, one by one. */
  rows(): AsyncIterable<ChainRow>;
  /** Asks something else of the same snapshot; never while `data` or `rows` is being read. */
  query<Row extends object>(sql: Prisma.Sql): Promise<Row[]>;
  /** Rows of a statement as CSV through COPY, for files beside the data. */
  csv(sql: Prisma.Sql): AsyncIterable<Uint8Array>;
  /** The texts of a statement's one column through COPY, a line each, as they are: JSON, or what else has no line ends. */
  lines(sql: Prisma.Sql): AsyncIterable<Uint8Array>;
  /** Both ways: what is on one side only, with its explanation. */
  reconciliations(): Promise<readonly Reconciliation[]>;
  /** Says how many records a file of one piece holds, where they are not the rows. */
  holds(records: number): void;
  /** The report card (JSON text) of this run, for the files named. The last one asked for is kept beside the export. */
  card(files: readonly CardFile[]): Promise<string>;
};

/** Writes one format. */
export type ExportWriter = {
  readonly write: (run: ExportRun) => AsyncIterable<Uint8Array>;
  readonly extension: string;
  readonly mediaType: string;
};
