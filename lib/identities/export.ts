import "server-only";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { Prisma } from "@/lib/db/generated/client";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { logger } from "@/lib/platform/logger";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { identityFilter } from "./query";
import { asPersonMayAsk, sortedBy } from "./views/list";
import { identityFilterKeys, type IdentityListQuery } from "./views/list-schema";

/** Exports of one process at a time: each holds a connection and a snapshot of its own. */
const mostAtOnce = 3;
const longestMs = 30 * 60 * 1_000;

let running = 0;

type Column = { readonly name: string; readonly kind: "text" | "plain"; readonly sql: Prisma.Sql };

const text = (name: string, sql: Prisma.Sql): Column => ({ name, kind: "text", sql });
const plain = (name: string, sql: Prisma.Sql): Column => ({ name, kind: "plain", sql });
const time = (name: string, sql: Prisma.Sql): Column => plain(name, Prisma.sql`to_char(${sql}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`);

/** Columns of the file. Reach is for those who may see all of it, and else for what is on their own side. */
function columnsFor(actor: PersonActor): readonly Column[] {
  const seen = allows(actor.roles, "identity:view-reach") ? Prisma.sql`true` : Prisma.sql`(i.owner_id = ${actor.personId}::uuid or i.sponsor_id = ${actor.personId}::uuid)`;
  const reach = (name: string, sql: Prisma.Sql) => plain(name, Prisma.sql`case when ${seen} then ${sql} end`);
  return [
    plain("id", Prisma.sql`i.id`), text("name", Prisma.sql`i.name`), plain("kind", Prisma.sql`i.kind`), text("environment", Prisma.sql`i.environment`),
    plain("state", Prisma.sql`i.state`), text("system", Prisma.sql`s.name`), text("external_key", Prisma.sql`i.external_key`),
    text("owner", Prisma.sql`o.name`), text("sponsor", Prisma.sql`sp.name`), text("backup", Prisma.sql`b.name`), text("team", Prisma.sql`t.name`), text("vendor", Prisma.sql`i.vendor`),
    text("tags", Prisma.sql`array_to_string(i.tags, '; ')`), text("description", Prisma.sql`i.description`), text("learned_from", Prisma.sql`i.source`),
    time("first_seen_at", Prisma.sql`i.first_seen_at`), time("last_active_at", Prisma.sql`i.last_active_at`), time("use_visible_since", Prisma.sql`i.visible_since`), time("vanished_at", Prisma.sql`i.vanished_at`),
    plain("shared", Prisma.sql`case when i.is_shared then 'yes' else 'no' end`), plain("staleness", Prisma.sql`i.staleness`), plain("credentials", Prisma.sql`i.credential_count`),
    reach("exposure", Prisma.sql`i.exposure`), reach("entitlements", Prisma.sql`i.entitlement_count`), reach("standing", Prisma.sql`i.standing_count`),
  ];
}

/** A spreadsheet would run what begins like a formula, also behind blanks. */
function neutral({ kind, sql }: Column): Prisma.Sql {
  return kind === "text" ? Prisma.sql`case when ${sql} ~ '^[[:space:]]*[-=+@]' or ${sql} ~ '^[\\t\\r]' then '''' || ${sql} else ${sql} end` : sql;
}

/** The rows of the file, in the order of the list. */
function rowsOf(actor: PersonActor, query: IdentityListQuery): Prisma.Sql {
  const way = query.sort.direction === "asc" ? Prisma.sql`asc` : Prisma.sql`desc`;
  const columns = columnsFor(actor).map((column) => Prisma.sql`${neutral(column)} as ${Prisma.raw(column.name)}`);
  return Prisma.sql`
    select ${Prisma.join(columns, ", ")} from identities i left join people o on o.id = i.owner_id left join people sp on sp.id = i.sponsor_id
    left join people b on b.id = i.backup_id left join teams t on t.id = i.team_id left join systems s on s.id = i.system_id
    where ${identityFilter(query)} order by ${sortedBy(query.sort.key)} ${way} nulls last, i.id ${way}`;
}

/** COPY takes no parameters: each value is written into the statement as a literal that the server's own rules quote. */
function literalOf(client: pg.Client, value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `array[${value.map((item) => literalOf(client, item)).join(",")}]`;
  if (typeof value === "string") return client.escapeLiteral(value);
  throw new AppError("integrity", "a filter holds a value that an export cannot write");
}

function written(client: pg.Client, statement: Prisma.Sql): string {
  return statement.strings.reduce((before, part, index) => `${before}${literalOf(client, statement.values[index - 1])}${part}`);
}

/** An export on its way: its bytes as they come to be, and how many rows it will hold. */
export type RunningExport = { readonly rows: number; readonly fileName: string; readonly body: ReadableStream<Uint8Array> };

/**
 * Exports the list as it is filtered and sorted, whole, as CSV. Counted and read in one snapshot; its begin is an event.
 * A file that did not become whole breaks off: the reader's download fails instead of looking complete.
 */
export async function exportIdentities(command: { actor: PersonActor; query: IdentityListQuery }): Promise<Result<RunningExport, "too-many-exports">> {
  if (running >= mostAtOnce) return refuse("too-many-exports");
  running += 1;
  const client = new pg.Client({ connectionString: env.databaseUrl, application_name: "curfew-export" });
  client.on("error", (error) => logger.warn({ event: "identity-export.connection-lost", err: error }));
  const close = async () => {
    running -= 1;
    await client.end().catch((error: unknown) => logger.warn({ event: "identity-export.close-failed", err: error }));
  };
  try {
    const { actor } = command;
    const query = asPersonMayAsk(actor, command.query);
    await client.connect();
    await client.query(`begin isolation level repeatable read read only; set local timezone = 'UTC'; set local jit = off; set local statement_timeout = ${longestMs}`);
    const where = written(client, identityFilter(query));
    const counted = await client.query<{ rows: number; now: Date }>(`select count(*)::int as rows, clock_timestamp() as now from identities i where ${where}`);
    const { rows, now } = counted.rows[0] ?? { rows: 0, now: new Date() };
    await recordExport(actor, query, rows);
    const fileName = `curfew-identities-${now.toISOString().slice(0, 10)}-${rows}-rows.csv`;
    return ok({ rows, fileName, body: streamOf(csv(client, written(client, rowsOf(actor, query)), columnsFor(actor), rows), close) });
  } catch (error) {
    await close();
    throw error;
  }
}

function recordExport(actor: PersonActor, query: IdentityListQuery, rows: number): Promise<void> {
  const filtered = identityFilterKeys.filter((key) => query[key].length > 0);
  return inTransaction(async (tx, at) => {
    const subjects = { person: actor.personId };
    await appendEvent(tx, { type: "identity.list-exported", at, actor, subjects, data: { rows, filtered: [...filtered] }, clear: { text: query.q } });
  });
}

async function* csv(client: pg.Client, statement: string, columns: readonly Column[], expected: number): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${columns.map(({ name }) => name).join(",")}\n`);
  const copy = client.query(copyTo(`copy (${statement}) to stdout (format csv)`));
  copy.on("error", (error: Error) => logger.debug({ event: "identity-export.copy-ended", err: error }));
  for await (const chunk of copy) yield chunk as Uint8Array;
  if (copy.rowCount !== expected) throw new AppError("integrity", `${expected} identities counted and ${copy.rowCount} written`);
}

/** Pulled by its reader, so that memory does not grow with the list; whoever leaves frees the connection. */
function streamOf(chunks: AsyncGenerator<Uint8Array>, close: () => Promise<void>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await chunks.next();
        if (!done) return controller.enqueue(value);
        controller.close();
        await close();
      } catch (error) {
        logger.warn({ event: "identity-export.broke-off", err: error });
        controller.error(error);
        await close();
      }
    },
    async cancel() {
      await close();
    },
  });
}
