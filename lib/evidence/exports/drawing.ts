import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { Prisma } from "@/lib/db/generated/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { checkpointOf } from "@/lib/ledger/tree/proofs";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { expressionOf, joinsOf } from "../columns";
import { queryOf, refusedRecord, requestRecord } from "../query";
import { mostRecords, mostStrata } from "../sampling";
import { everything } from "../schema";
import type { SampleDrawn, SampledRecord, SampleStrata } from "../types";
import { sha256Of } from "./definition";

const { sql, raw } = Prisma;
const longestMs = 30_000;

type Drawing = {
  readonly actor: PersonActor;
  /** Size of the checkpoint that was signed before the nonce was given. */
  readonly size: bigint;
  readonly nonce: string;
  readonly by: SampleStrata;
  /** How many of each stratum. */
  readonly each: number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

type Row = Omit<SampledRecord, "askedAt"> & { readonly askedAt: Date; readonly seed: string; readonly population: number; readonly value: string };
type Asked = Omit<Drawing, "actor"> & { readonly root: string };

/** Rows of the data file whose first event stands below the checkpoint: by name, and by their value of what is drawn apart. */
function recordsSql({ by, size, from, to }: Asked): Prisma.Sql {
  const { requests, refused } = queryOf({ ...everything, from, to });
  const column = by === "all" ? null : expressionOf(by);
  const value = (branch: "request" | "refused") => raw(column === null ? "'all'" : `(${column[branch]})::text`);
  const uses = by === "use_match";
  const position = raw("(select n.position from ledger.entry n where n.event_id = v.id)");
  const parts = [
    ...(requests ? [sql`select coalesce(g.id, r.id)::text as record, r.id as chain_id, r.number, i.name as identity, e.name as entitlement, r.submitted_at as at, ${requestRecord} as place, ${value("request")} as value
      from ${requests.from} ${joinsOf("request", { uses })} where ${requests.where} and led.first < ${size.toString()}::bigint`] : []),
    ...(refused ? [sql`select 'position-' || ${position}, ${refusedRecord}, null::int, i.name, e.name, v.occurred_at, ${refusedRecord}, ${value("refused")}
      from ${refused.from} ${joinsOf("refused", { uses })} where ${refused.where} and ${position} < ${size.toString()}::bigint`] : []),
  ];
  return Prisma.join(parts, " union all ");
}

/** The recipe of `sampling.ts`, in the database: nothing but what is drawn comes out of it. */
function read(tx: Transaction, asked: Asked): Promise<Row[]> {
  const { by, root, nonce, each } = asked;
  const line = raw("E'\\n'");
  return tx.$queryRaw<Row[]>`
    with records as (${recordsSql(asked)}),
    strata as (select value from records where value is not null group by 1 order by value collate "C" limit ${mostStrata}::int),
    placed as (select distinct on (value, record) *, case when ${by}::text = 'all' then 'all' else ${by}::text || ':' || value end as stratum
      from records where value in (select value from strata) order by value, record, place),
    seeded as (select *, encode(sha256(convert_to('sample/v1' || ${line} || ${root}::text || ${line} || ${nonce}::text || ${line} || stratum, 'UTF8')), 'hex') as seed from placed),
    ranked as (select *, encode(sha256(convert_to(seed || ${line} || record, 'UTF8')), 'hex') as rank from seeded),
    ordered as (select *, row_number() over (partition by stratum order by rank) as number_in, count(*) over (partition by stratum)::int as population from ranked)
    select record, chain_id as "chainId", number, identity, entitlement, at as "askedAt", stratum, value, seed, rank, population
    from ordered where number_in <= least(${each}::int, ${mostRecords}::int / (select greatest(1, count(*)) from strata)) order by stratum collate "C", rank`;
}

/** Strata in words: a system by its name. */
async function labelsOf(tx: Transaction, by: SampleStrata, values: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (by !== "system_id") return new Map();
  const systems = await tx.system.findMany({ where: { id: { in: [...values] } }, select: { id: true, name: true } });
  return new Map(systems.map(({ id, name }) => [id, name]));
}

/**
 * Draws a sample of the records whose first event stands below a checkpoint, by the recipe of `sampling.ts`, and writes down
 * that it was drawn, with what, after which checkpoint.
 */
export async function drawSample({ actor, ...drawing }: Drawing): Promise<Result<SampleDrawn, "no-checkpoint" | "not-in-engagement">> {
  // An engagement sees a part of the records; a sample of a part would pass for one of the whole.
  if (actor.bound !== undefined) return refuse("not-in-engagement");
  const checkpoint = await checkpointOf(drawing.size);
  if (!checkpoint) return refuse("no-checkpoint");
  const root = Buffer.from(checkpoint.root).toString("base64");
  return inTransaction(async (tx, now) => {
    await tx.$executeRaw`select set_config('statement_timeout', ${String(longestMs)}, true)`;
    const rows = await read(tx, { ...drawing, root });
    const labels = await labelsOf(tx, drawing.by, rows.map(({ value }) => value));
    const strata = new Map(rows.map(({ stratum, value, seed, population }) => [stratum, { stratum, label: labels.get(value) ?? value, seed, population }]));
    const sha256 = sha256Of(rows.map(({ record }) => `${record}\n`).join(""));
    const { size, nonce, by, each, from, to } = drawing;
    const data = { checkpointSize: size.toString(), root, nonce, by, each, from: from ?? null, to: to ?? null, drawn: rows.length, sha256 };
    await appendEvent(tx, { type: "evidence.sample-drawn", at: now, actor, subjects: { person: actor.personId }, data });
    return ok({
      checkpointSize: size.toString(), root, nonce, strata: [...strata.values()], sha256,
      records: rows.map(({ record, chainId, number, identity, entitlement, askedAt, stratum, rank }) => ({ record, chainId, number, identity, entitlement, stratum, rank, askedAt: askedAt.toISOString() })),
    });
  });
}
