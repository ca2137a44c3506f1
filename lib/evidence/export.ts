import "server-only";
import { createHash } from "node:crypto";
import { finished, Readable } from "node:stream";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { ZipFile } from "yazl";
import type { PersonActor } from "@/lib/auth/actor";
import type { Prisma } from "@/lib/db/generated/client";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { newId } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { refuse, ok, type Result } from "@/lib/platform/result";
import packageJson from "@/package.json";
import { columns, requestCount, rowStatements, tallyStatements } from "./columns";
import { beginExport, finishExport } from "./mutations";
import { queryOf, type EvidenceQuery } from "./query";
import { reportCard, type Snapshot } from "./report-card";
import { everything, filterParameters, periodOf, type EvidenceFilter } from "./schema";
import type { ExportCounts, ExportFormat } from "./types";

/** Exports of one process at a time: each holds a connection and a snapshot of its own. */
const mostAtOnce = 3;
/** A reader that stands still does not hold a snapshot for ever. */
const longestMs = 60 * 60 * 1_000;
/** Entries of an archive carry no time of their own, so that the same data is the same bytes. */
const entryTime = new Date(Date.UTC(2000, 0, 1));
/** Beyond this many rows a data file may pass 4 GB and needs the larger form of an archive. */
const rowsOfLargeForm = 1_000_000;

const quietJson = String.raw`format csv, quote E'\x01', delimiter E'\x02'`;

let running = 0;

type Export = { readonly actor: PersonActor; readonly filter: EvidenceFilter; readonly format: ExportFormat };

/** An archive on its way: its bytes as they come to be. */
export type RunningExport = { readonly exportId: string; readonly fileName: string; readonly body: ReadableStream<Uint8Array> };

/**
 * Exports what a filter leaves, whole, as an archive of one data file and its report card. Everything is read from one
 * snapshot through COPY and streamed, so that memory does not grow with the data. Begin and end are events of the ledger.
 */
export async function exportEvidence(command: Export): Promise<Result<RunningExport, "too-many-exports">> {
  if (running >= mostAtOnce) return refuse("too-many-exports");
  running += 1;
  const run = new Run(command);
  try {
    return ok(await run.start());
  } catch (error) {
    running -= 1;
    await run.close();
    throw error;
  }
}

/** The text of a statement for COPY, which takes no parameters: each value is read from a setting of the transaction instead. */
function withSettings(statement: Prisma.Sql): { readonly text: string; readonly settings: readonly (readonly [string, string])[] } {
  const names = statement.values.map((_, index) => `curfew.p${index}`);
  const text = statement.strings.reduce((before, part, index) => `${before}current_setting('${names[index - 1] ?? ""}')${part}`);
  return { text, settings: statement.values.map((value, index) => [names[index] ?? "", String(value)] as const) };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Identifies what a row is: the whole query without a filter, and its columns. */
const definitionSha256 = () => sha256(rowStatements(queryOf(everything), "csv").map(({ sql }) => sql).join("\n"));

/**
 * A stream for an answer, pulled by its reader. Not `Readable.toWeb`: that pushes into a stream which the reader has left
 * and ends the process with an uncaught error.
 */
function webStream(source: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = source[Symbol.asyncIterator]();
  let isLeft = false;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (isLeft) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel() {
      isLeft = true;
      source.destroy();
    },
  });
}

class Run {
  private readonly command: Export;
  private readonly query: EvidenceQuery;
  private readonly exportId = newId();
  private readonly client = new pg.Client({ connectionString: env.databaseUrl, application_name: "curfew-export" });
  private readonly hash = createHash("sha256");
  private bytes = 0;
  private isClosed = false;

  constructor(command: Export) {
    this.command = command;
    this.query = queryOf(command.filter);
    this.client.on("error", (error) => logger.warn({ event: "export.connection-lost", exportId: this.exportId, err: error }));
  }

  async start(): Promise<RunningExport> {
    const { actor, filter, format } = this.command;
    await this.client.connect();
    const snapshot = await this.openSnapshot();
    const tally = await this.tally();
    const asked = { actor, exportId: this.exportId, format, filter: filterParameters(filter), asOf: snapshot.size, counts: tally.counts };
    const startedAt = await beginExport(asked);
    const archive = this.archive(snapshot, tally, startedAt);
    const fileName = `curfew-evidence-${startedAt.toISOString().slice(0, 10)}-at-${snapshot.size}.zip`;
    return { exportId: this.exportId, fileName, body: webStream(archive) };
  }

  /** Frees the connection; the server ends what was still running on it. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.client.end().catch((error: unknown) => logger.warn({ event: "export.close-failed", exportId: this.exportId, err: error }));
  }

  /** One snapshot for all that is read. Waits a little for the sequencer, so that what is read has positions, and says what has none. */
  private async openSnapshot(): Promise<Snapshot> {
    for (let attempt = 0; ; attempt += 1) {
      await this.client.query("begin isolation level repeatable read read only");
      await this.client.query(`set local timezone = 'UTC'; set local datestyle = 'ISO'; set local jit = off; set local statement_timeout = ${longestMs}`);
      const { rows } = await this.client.query<{ size: string; pending: number; entries: string; now: Date }>(
        `select h.size::text, (select count(*)::int from (select 1 from ledger.pending limit 100000) p) as pending,
           (select count(*) from ledger.entry n where n.position < h.size)::text as entries, clock_timestamp() as now from ledger.head h`,
      );
      const row = rows[0];
      if (!row) throw new AppError("integrity", "the ledger has no head");
      if (row.pending === 0 || attempt === 3) {
        const clockOffsetMs = row.now.getTime() - Date.now();
        return { size: BigInt(row.size), pending: row.pending, entries: BigInt(row.entries), readAt: row.now, clockOffsetMs };
      }
      await this.client.query("rollback");
      await sequenceEvents();
    }
  }

  private async tally(): Promise<Tally> {
    const found: TallyRow[] = [];
    for (const { text, values } of tallyStatements(this.query)) {
      found.push(...(await this.client.query<TallyRow>(text, [...values])).rows);
    }
    const distinct = requestCount(this.query);
    const counted = distinct ? await this.client.query<{ requests: number }>(distinct.text, [...distinct.values]) : null;
    return tallyOf(found, counted?.rows[0]?.requests ?? 0);
  }

  private archive(snapshot: Snapshot, tally: Tally, startedAt: Date): Readable {
    const { format } = this.command;
    const path = format === "csv" ? "chains.csv" : "chains.jsonl";
    const zip = new ZipFile();
    const out = zip.outputStream;
    if (!(out instanceof Readable)) throw new AppError("integrity", "the archive gives no stream");
    const data = Readable.from(this.data(tally.counts.rows), { objectMode: false, highWaterMark: 1 << 20 });
    const entry = { mtime: entryTime, forceDosTimestamp: true, mode: 0o100644 };
    zip.addReadStream(data, path, { ...entry, compressionLevel: 1, forceZip64Format: tally.counts.rows > rowsOfLargeForm });
    data.once("error", (error) => out.destroy(error));
    zip.once("error", (error) => out.destroy(error instanceof Error ? error : new AppError("unavailable", "the archive broke")));
    const finish = async () => {
      const file = { path, sha256: this.hash.digest("hex"), bytes: this.bytes, rows: tally.counts.rows };
      zip.addBuffer(Buffer.from(this.card({ snapshot, tally, startedAt, file })), "report-card.json", { ...entry, compressionLevel: 1 });
      zip.end();
      return file;
    };
    this.followUp(out, data, finish);
    return out;
  }

  /** Closes the archive once the data is through, and records how it ended: complete only when the reader has taken the last byte. */
  private followUp(out: Readable, data: Readable, finish: () => Promise<{ sha256: string; rows: number }>): void {
    let file: { sha256: string; rows: number } | null = null;
    data.once("end", () => void finish().then((done) => (file = done), (error: Error) => out.destroy(error)));
    finished(out, (error) => {
      running -= 1;
      data.destroy();
      const { actor } = this.command;
      const outcome = file && !error ? { state: "complete" as const, ...file } : { state: "failed" as const, rows: 0, sha256: "" };
      if (error) logger.warn({ event: "export.broke-off", exportId: this.exportId, bytes: this.bytes, err: error });
      void this.close()
        .then(() => finishExport({ actor, exportId: this.exportId, state: outcome.state, rows: outcome.rows, sha256: outcome.sha256 }))
        .catch((fault: unknown) => logger.error({ event: "export.end-not-recorded", exportId: this.exportId, err: fault }));
    });
  }

  /** The data file. Throws at its end when it does not hold exactly the rows that were counted beforehand. */
  private async *data(expected: number): AsyncGenerator<Buffer> {
    const { format } = this.command;
    if (format === "csv") yield this.counted(Buffer.from(`${columns.map(({ name }) => name).join(",")}\n`));
    const copies = [];
    for (const statement of rowStatements(this.query, format)) {
      const { text, settings } = withSettings(statement);
      for (const setting of settings) await this.client.query("select set_config($1, $2, true)", [...setting]);
      const rows = format === "csv" ? `copy (${text}) to stdout (format csv)` : `copy (select row_to_json(x)::text from (${text}) x) to stdout (${quietJson})`;
      const copy = this.client.query(copyTo(rows));
      copies.push(copy);
      // The loop below hears errors while it runs; one that comes after a reader has gone must not end the process.
      copy.on("error", (error: Error) => logger.debug({ event: "export.copy-ended", exportId: this.exportId, err: error }));
      for await (const chunk of copy) yield this.counted(chunk as Buffer);
    }
    await this.client.query("commit");
    const written = copies.reduce((sum, { rowCount }) => sum + rowCount, 0);
    if (written !== expected) throw new AppError("integrity", `export ${this.exportId}: ${expected} rows counted and ${written} written`);
  }

  private counted(chunk: Buffer): Buffer {
    this.hash.update(chunk);
    this.bytes += chunk.length;
    return chunk;
  }

  private card(run: { snapshot: Snapshot; tally: Tally; startedAt: Date; file: { path: string; sha256: string; bytes: number; rows: number } }): string {
    const { actor, filter, format } = this.command;
    const statements = rowStatements(this.query, format).map(({ text }) => ({ text, sha256: sha256(text) }));
    return reportCard({
      exportId: this.exportId,
      format,
      isDemo: env.demo,
      curfewVersion: packageJson.version,
      requestedBy: { id: actor.personId, name: actor.name, roles: actor.roles },
      startedAt: run.startedAt,
      finishedAt: new Date(),
      filter: filterParameters(filter),
      period: periodOf(filter),
      columns: columns.map(({ name, kind, meaning }) => ({ name, kind, meaning })),
      statements,
      definitionSha256: definitionSha256(),
      snapshot: run.snapshot,
      counts: run.tally.counts,
      grantedSeconds: run.tally.grantedSeconds,
      file: run.file,
    });
  }
}

type TallyRow = { record: string; state: string; grant_state: string | null; end_reason: string | null; rows: number; seconds: string };
type Tally = { readonly counts: ExportCounts; readonly grantedSeconds: string };

function tallyOf(rows: readonly TallyRow[], requests: number): Tally {
  const sum = (chosen: readonly TallyRow[]) => chosen.reduce((total, row) => total + row.rows, 0);
  const by = (key: "state" | "grant_state" | "end_reason") => {
    const names = [...new Set(rows.map((row) => row[key]))].filter((name) => name !== null).sort();
    return Object.fromEntries(names.map((name) => [name, sum(rows.filter((row) => row[key] === name))]));
  };
  return {
    counts: {
      rows: sum(rows),
      requests,
      grants: sum(rows.filter(({ record }) => record === "grant")),
      refusedAsks: sum(rows.filter(({ record }) => record === "refused-ask")),
      byState: by("state"),
      byGrantState: by("grant_state"),
      byEndReason: by("end_reason"),
    },
    grantedSeconds: rows.reduce((total, row) => total + BigInt(row.seconds), 0n).toString(),
  };
}
