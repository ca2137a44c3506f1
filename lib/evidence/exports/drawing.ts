import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { Prisma } from "@/lib/db/generated/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { checkpointOf } from "@/lib/ledger/tree/proofs";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { queryOf } from "../query";
import { everything } from "../schema";
import type { SampleDrawn, SampledSession, SampleStrata } from "../types";
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

/** What a session counts as. Read from the ledger below the checkpoint, so that it is the same for ever. */
const strata = {
  all: () => sql`'all'::text`,
  kind: () => sql`case when r.break_glass_id is null then 'jit' else 'break-glass' end`,
  system: () => sql`(select s.name from systems s where s.id = g.system_id)`,
  reason: (size) => sql`coalesce((
    select convert_from(v.body, 'UTF8')::jsonb -> 'data' ->> 'reason' from ledger.subject su join ledger.event v on v.id = su.event_id join ledger.entry n on n.event_id = v.id
    where su.kind = 'grant' and su.id = g.id and v.type = 'grant.ending' and n.position < ${size}::bigint order by v.id limit 1), 'not ended')`,
} as const satisfies Record<SampleStrata, (size: bigint) => Prisma.Sql>;

type Row = Omit<SampledSession, "issuedAt"> & { issuedAt: Date; population: number };

function read(tx: Transaction, { size, root, nonce, by, each, from, to }: Omit<Drawing, "actor"> & { readonly root: string }): Promise<Row[]> {
  const { requests } = queryOf({ ...everything, from, to });
  if (!requests) return Promise.resolve([]);
  return tx.$queryRaw<Row[]>`
    with sessions as (
      select g.id, r.id as request_id, r.number, g.activated_at, i.name as identity, e.name as entitlement, ${strata[by](size)} as stratum
      from ${requests.from} join identities i on i.id = r.identity_id
      where ${requests.where} and exists (
        select from ledger.subject su join ledger.event v on v.id = su.event_id join ledger.entry n on n.event_id = v.id
        where su.kind = 'grant' and su.id = g.id and v.type = 'grant.active' and n.position < ${size}::bigint)),
    seeded as (select *, encode(sha256(convert_to('sample/v1' || ${raw("E'\\n'")} || ${root}::text || ${raw("E'\\n'")} || ${nonce}::text || ${raw("E'\\n'")} || stratum, 'UTF8')), 'hex') as seed from sessions),
    ranked as (select *, encode(sha256(convert_to(seed || ${raw("E'\\n'")} || id::text, 'UTF8')), 'hex') as rank from seeded),
    placed as (select *, row_number() over (partition by stratum order by rank) as place, count(*) over (partition by stratum)::int as population from ranked)
    select id as "grantId", request_id as "requestId", number, identity, entitlement, activated_at as "issuedAt", stratum, seed, rank, population
    from placed where place <= ${each}::int order by stratum, rank limit 2000`;
}

/**
 * Draws a sample of the sessions that were issued before a checkpoint by the recipe of `sampling.ts`, and writes down
 * that it was drawn, with what, after which checkpoint.
 */
export async function drawSample({ actor, ...drawing }: Drawing): Promise<Result<SampleDrawn, "no-checkpoint" | "not-in-engagement">> {
  // An engagement sees a part of the sessions; a sample of a part would pass for one of the whole.
  if ("bound" in actor && actor.bound !== undefined) return refuse("not-in-engagement");
  const checkpoint = await checkpointOf(drawing.size);
  if (!checkpoint) return refuse("no-checkpoint");
  const root = Buffer.from(checkpoint.root).toString("base64");
  return inTransaction(async (tx, now) => {
    await tx.$executeRaw`select set_config('statement_timeout', ${String(longestMs)}, true)`;
    const rows = await read(tx, { ...drawing, root });
    const populations = new Map(rows.map(({ stratum, seed, population }) => [stratum, { stratum, seed, population }]));
    const sha256 = sha256Of(rows.map(({ grantId }) => `${grantId}\n`).join(""));
    const { size, nonce, by, each, from, to } = drawing;
    const data = { checkpointSize: size.toString(), root, nonce, by, each, from: from ?? null, to: to ?? null, drawn: rows.length, sha256 };
    await appendEvent(tx, { type: "evidence.sample-drawn", at: now, actor, subjects: { person: actor.personId }, data });
    return ok({
      checkpointSize: size.toString(), root, nonce, strata: [...populations.values()], sha256,
      sessions: rows.map(({ grantId, requestId, number, identity, entitlement, issuedAt, stratum, rank, seed }) => ({ grantId, requestId, number, identity, entitlement, stratum, rank, seed, issuedAt: issuedAt.toISOString() })),
    });
  });
}
