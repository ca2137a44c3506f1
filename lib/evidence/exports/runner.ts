import "server-only";
import { createHash } from "node:crypto";
import { LedgerFault } from "@/lib/ledger/tree/fault";
import { env } from "@/lib/platform/env";
import { logger } from "@/lib/platform/logger";
import packageJson from "@/package.json";
import { queryOf, type EvidenceQuery } from "../query";
import { reportCard, type CardFile, type Standing } from "../report-card";
import { filterParameters, periodOf } from "../schema";
import { cardColumns, rowStatements } from "../columns";
import { checkpointsWithin, signBefore } from "./checkpoints";
import { writers } from "./formats";
import { jsonLinesOf } from "./formats/archive";
import { appendPart, beginExport, claimExport, failExport, finishExport, noteProgress, Superseded, type Attempt } from "./keeping";
import { previousRunOf, redactionsOf, sourcesOf } from "./leaving-out";
import { lineOf, maskedRows, withoutNames } from "./masked";
import { reconcile } from "./reconciliation";
import type { ChainRow, ExportRun, Reconciliation } from "./run";
import { definitionSha256, sha256Of } from "./definition";
import { EvidenceSnapshot, type Tally } from "./snapshot";

const partBytes = 1 << 20;
const progressEveryMs = 1_000;

/**
 * Writes an export that waits: begins it, reads all of it from one snapshot and keeps the file piece by piece. What breaks off
 * by itself begins again; what somebody cancelled leaves nothing.
 */
export async function runExport(exportId: string): Promise<void> {
  const attempt = await claimExport(exportId);
  if (!attempt) return;
  const snapshot = new EvidenceSnapshot(exportId);
  try {
    await signBefore();
    await new Run(attempt, snapshot, (rowsDone) => noteProgress(attempt, rowsDone)).write();
  } catch (error) {
    if (error instanceof Superseded) return;
    logger.warn({ event: "export.broke-off", exportId, attempt: attempt.number, err: error });
    // The look at exports begins it again, up to a number of tries; a fault of the data would come again each time.
    if (error instanceof LedgerFault) await failExport(attempt, `ledger-fault:${error.fault}:${error.position}`);
    else if (!isPassing(error)) await failExport(attempt, "went-wrong");
  } finally {
    await snapshot.close();
  }
}

/** Connections, resources and shutdowns (SQLSTATE classes 08, 40, 53, 57; Prisma's own): the next try may do better. */
function isPassing(error: unknown): boolean {
  const text = error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.name} ${error.message}` : "";
  return /\b(?:08|40|53|57)[0-9A-Z]{3}\b|\bP(?:1001|1002|1008|1017|2024|2028|2034)\b|ECONN|ETIMEDOUT|terminat|closed/.test(text);
}

/** Counts line ends; a text with line ends in it makes it run ahead a little, which `most` holds back. */
function linesIn(chunk: Uint8Array): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count += 1;
  return count;
}

/** One try to write an export. */
export class Run implements ExportRun {
  readonly exportId: string;
  readonly format;
  readonly actor;
  readonly filter;
  readonly sample;
  readonly startedAt;
  readonly evidence: EvidenceQuery;
  standing!: Standing;
  private tally!: Tally;
  private readonly attempt: Attempt;
  private readonly snapshot: EvidenceSnapshot;
  private readonly note: (rowsDone: number) => Promise<void>;
  private rowsDone = 0;
  private notedAt = Date.now();
  private reconciled: Promise<readonly Reconciliation[]> | null = null;
  private lastCard: string | null = null;
  private records: number | null = null;

  /** `note` is told now and then how far it is. */
  constructor(attempt: Attempt, snapshot: EvidenceSnapshot, note: (rowsDone: number) => Promise<void>) {
    this.attempt = attempt;
    this.note = note;
    this.snapshot = snapshot;
    this.exportId = attempt.exportId;
    this.format = attempt.format;
    this.actor = attempt.actor;
    this.filter = attempt.filter;
    this.sample = attempt.sample;
    this.startedAt = attempt.startedAt;
    this.evidence = queryOf(attempt.filter, attempt.actor.bound);
  }

  get counts() {
    return this.tally.counts;
  }

  /** The engagement that leaves names out; null where they are wanted. */
  private get nameless(): string | null {
    const { bound } = this.actor;
    return bound && !bound.names ? bound.engagementId : null;
  }

  get grantedSeconds() {
    return this.tally.grantedSeconds;
  }

  /** Opens the snapshot and counts. */
  async prepare(): Promise<void> {
    const opened = await this.snapshot.open();
    this.standing = { ...opened, ...(await checkpointsWithin(opened.size)) };
    this.tally = await this.snapshot.tally(this.evidence);
  }

  async write(): Promise<void> {
    await this.prepare();
    const { size, at } = this.standing;
    await beginExport(this.attempt, { filter: filterParameters(this.filter), asOf: size, counts: this.counts });
    const writer = writers[this.format];
    const hash = createHash("sha256");
    let bytes = 0;
    let number = 0;
    for await (const part of partsOf(writer.write(this))) {
      hash.update(part);
      bytes += part.length;
      await appendPart(this.attempt, { number: number++, bytes: part, rowsDone: this.rowsDone });
    }
    const fileName = `curfew-evidence-${at.toISOString().slice(0, 10)}-at-${size}.${writer.extension}`;
    const sha256 = hash.digest("hex");
    const { rows } = this.counts;
    const card = this.lastCard ?? (await this.card([{ path: fileName, sha256, bytes, rows: this.records ?? rows }]));
    await finishExport(this.attempt, { rows, bytes: BigInt(bytes), sha256, fileName, card });
  }

  async *data(form: "csv" | "jsonl"): AsyncGenerator<Uint8Array> {
    this.rowsDone = 0;
    const { nameless } = this;
    const plain = (as: "csv" | "jsonl") => this.snapshot.data(this.evidence, as, this.counts.rows);
    for await (const chunk of nameless === null ? plain(form) : maskedLines(plain("jsonl"), form, nameless)) {
      this.rowsDone = Math.min(this.rowsDone + linesIn(chunk), this.counts.rows);
      if (Date.now() - this.notedAt > progressEveryMs) {
        this.notedAt = Date.now();
        await this.note(this.rowsDone);
      }
      yield chunk;
    }
    this.rowsDone = this.counts.rows;
  }

  async *rows(): AsyncGenerator<ChainRow> {
    for await (const row of jsonLinesOf(this.data("jsonl"))) yield row as ChainRow;
  }

  query<Row extends object>(...[sql]: Parameters<ExportRun["query"]>): Promise<Row[]> {
    return this.snapshot.query<Row>(sql);
  }

  csv(...[sql]: Parameters<ExportRun["csv"]>): AsyncIterable<Uint8Array> {
    return this.snapshot.csv(sql);
  }

  lines(...[sql]: Parameters<ExportRun["lines"]>): AsyncIterable<Uint8Array> {
    return this.snapshot.lines(sql);
  }

  holds(records: number): void {
    this.records = records;
  }

  reconciliations(): Promise<readonly Reconciliation[]> {
    this.reconciled ??= reconcile(this, this.evidence);
    return this.reconciled;
  }

  async card(files: readonly CardFile[]): Promise<string> {
    const { actor, filter, format, standing, counts, grantedSeconds, exportId, startedAt } = this;
    const form = format === "csv" ? "csv" : "jsonl";
    this.lastCard = reportCard({
      exportId, format, standing, counts, grantedSeconds, startedAt, files,
      isDemo: env.demo,
      curfewVersion: packageJson.version,
      requestedBy: { id: actor.personId, name: actor.name, roles: actor.roles },
      finishedAt: new Date(),
      filter: filterParameters(filter),
      period: periodOf(filter),
      columns: cardColumns,
      statements: rowStatements(this.evidence, form).map(({ text }) => ({ text, sha256: sha256Of(text) })),
      definitionSha256: definitionSha256(),
      reconciliations: await this.reconciliations(),
      redactions: await redactionsOf(this),
      previous: await previousRunOf(this),
      sources: this.nameless === null ? await sourcesOf(this) : await withoutNames(await sourcesOf(this), this.nameless),
    });
    return this.lastCard;
  }
}

/** Rows without names, as bytes. */
async function* maskedLines(rows: AsyncIterable<Uint8Array>, form: "csv" | "jsonl", engagementId: string): AsyncGenerator<Uint8Array> {
  for await (const row of maskedRows(jsonLinesOf(rows) as AsyncIterable<ChainRow>, engagementId)) yield Buffer.from(lineOf(row, form));
}

/** The bytes in pieces of 1 MiB; the last one is smaller. */
async function* partsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const chunk of bytes) {
    for (let from = 0; from < chunk.length; ) {
      const taken = Math.min(partBytes - filled, chunk.length - from);
      part.set(chunk.subarray(from, from + taken), filled);
      filled += taken;
      from += taken;
      if (filled === partBytes) {
        yield part;
        part = new Uint8Array(partBytes);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield part.slice(0, filled);
}
