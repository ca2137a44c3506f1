import "server-only";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { Prisma } from "@/lib/db/generated/client";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { logger } from "@/lib/platform/logger";
import { requestCount, rowStatements, tallyStatements } from "../columns";
import type { EvidenceQuery } from "../query";
import type { ExportCounts } from "../types";
import type { Standing } from "../report-card";

/** No export runs longer. */
export const longestMs = 60 * 60 * 1_000;
/** Stretches of missing positions that a report card lists; it counts all of them. */
const mostGaps = 100;
const quietJson = String.raw`format csv, quote E'\x01', delimiter E'\x02'`;

/** The text of a statement for COPY, which takes no parameters: each value is read from a setting of the transaction instead. */
function withSettings(statement: Prisma.Sql): { readonly text: string; readonly settings: readonly (readonly [string, string])[] } {
  const names = statement.values.map((_, index) => `curfew.p${index}`);
  const text = statement.strings.reduce((before, part, index) => `${before}current_setting('${names[index - 1] ?? ""}')${part}`);
  return { text, settings: statement.values.map((value, index) => [names[index] ?? "", String(value)] as const) };
}

type TallyRow = { record: string; state: string; grant_state: string | null; end_reason: string | null; rows: number; seconds: string };
type HeadRow = { size: string; pending: number; entries: string; now: Date; at: Date | null };

/** What an export holds, counted before its first row is read. */
export type Tally = { readonly counts: ExportCounts; readonly grantedSeconds: string };

/** One snapshot of the database on a connection of its own, from which all of an export is read. */
export class EvidenceSnapshot {
  private readonly client = new pg.Client({ connectionString: env.databaseUrl, application_name: "curfew-export" });
  private isClosed = false;

  constructor(exportId: string) {
    this.client.on("error", (error) => logger.warn({ event: "export.connection-lost", exportId, err: error }));
  }

  /** Waits a little for the sequencer, so that what is read has positions, and says what has none. */
  async open(): Promise<Omit<Standing, "checkpoint" | "lastSent">> {
    await this.client.connect();
    for (let attempt = 0; ; attempt += 1) {
      await this.client.query("begin isolation level repeatable read read only");
      await this.client.query(`set local timezone = 'UTC'; set local datestyle = 'ISO'; set local jit = off; set local statement_timeout = ${longestMs}`);
      const { rows } = await this.client.query<HeadRow>(
        `select h.size::text, (select count(*)::int from (select 1 from ledger.pending limit 100000) p) as pending,
           (select count(*) from ledger.entry n where n.position < h.size)::text as entries, clock_timestamp() as now,
           (select n.sequenced_at from ledger.entry n where n.position = h.size - 1) as at from ledger.head h`,
      );
      const row = rows[0];
      if (!row) throw new AppError("integrity", "the ledger has no head");
      if (row.pending === 0 || attempt === 3) {
        const clockOffsetMs = row.now.getTime() - Date.now();
        const missing = BigInt(row.entries) === BigInt(row.size) ? [] : await this.gaps(row.size);
        return { missing, size: BigInt(row.size), at: row.at ?? new Date(0), pending: row.pending, entries: BigInt(row.entries), readAt: row.now, clockOffsetMs };
      }
      await this.client.query("rollback");
      await sequenceEvents();
    }
  }

  /** Stretches of positions without an entry, both ends included. */
  private async gaps(size: string): Promise<{ from: number; to: number }[]> {
    const { rows } = await this.client.query<{ from: string; to: string }>(
      `with known as (select n.position, lag(n.position) over (order by n.position) as before from ledger.entry n where n.position < $1::bigint
         union all select $1::bigint, (select max(n.position) from ledger.entry n where n.position < $1::bigint))
       select (coalesce(before, -1) + 1)::text as "from", (position - 1)::text as "to" from known where position > coalesce(before, -1) + 1 order by position limit $2::int`,
      [size, mostGaps],
    );
    return rows.map(({ from, to }) => ({ from: Number(from), to: Number(to) }));
  }

  /** Frees the connection; the server ends what was still running on it. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.client.end().catch((error: unknown) => logger.warn({ event: "export.close-failed", err: error }));
  }

  async query<Row extends object>({ text, values }: Prisma.Sql): Promise<Row[]> {
    return (await this.client.query<Row>(text, [...values])).rows;
  }

  async tally(query: EvidenceQuery): Promise<Tally> {
    const found: TallyRow[] = [];
    for (const statement of tallyStatements(query)) found.push(...(await this.query<TallyRow>(statement)));
    const distinct = requestCount(query);
    const counted = distinct ? await this.query<{ requests: number }>(distinct) : [];
    return tallyOf(found, counted[0]?.requests ?? 0);
  }

  /** The data file of a query through COPY; throws at its end when it does not hold exactly the rows that were counted beforehand. */
  async *data(query: EvidenceQuery, form: "csv" | "jsonl", expected: number): AsyncGenerator<Buffer> {
    let written = 0;
    for (const statement of rowStatements(query, form)) {
      const copy = this.copy(statement, (text) => (form === "csv" ? `copy (${text}) to stdout (format csv)` : `copy (select row_to_json(x)::text from (${text}) x) to stdout (${quietJson})`));
      for (let next = await copy.next(); ; next = await copy.next()) {
        if (next.done) {
          written += next.value;
          break;
        }
        yield next.value;
      }
    }
    if (written !== expected) throw new AppError("integrity", `${expected} rows counted and ${written} written`);
  }

  /** Rows of a statement as CSV with their header. */
  async *csv(statement: Prisma.Sql): AsyncGenerator<Buffer> {
    yield* this.copy(statement, (text) => `copy (${text}) to stdout (format csv, header)`);
  }

  /** The texts of a statement's one column, a line each, as they are. Only for texts without line ends, such as JSON. */
  async *lines(statement: Prisma.Sql): AsyncGenerator<Buffer> {
    yield* this.copy(statement, (text) => `copy (${text}) to stdout (${quietJson})`);
  }

  private async *copy(statement: Prisma.Sql, wrap: (text: string) => string): AsyncGenerator<Buffer, number> {
    const { text, settings } = withSettings(statement);
    for (const setting of settings) await this.client.query("select set_config($1, $2, true)", [...setting]);
    const copy = this.client.query(copyTo(wrap(text)));
    // The loop below hears errors while it runs; one that comes after a reader has gone must not end the process.
    copy.on("error", (error: Error) => logger.debug({ event: "export.copy-ended", err: error }));
    for await (const chunk of copy) yield chunk as Buffer;
    return copy.rowCount;
  }
}

/** The counts by record, state, state of the grant and reason of the end. */
function tallyOf(rows: readonly TallyRow[], requests: number): Tally {
  const sum = (of: readonly TallyRow[]) => of.reduce((total, row) => total + row.rows, 0);
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
