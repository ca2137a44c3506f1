import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvents } from "@/lib/ledger/append";

const worker: Actor = { kind: "system", process: "worker" };

/** An identity seen at work: when, and from where as far as that is known. */
export type SeenUse = {
  readonly identityId: string;
  readonly at: Date;
  readonly clientAddress: string | null;
  readonly applicationName: string | null;
};

/** A use after at least this many days without any, inside the time that can be seen, is an awakening worth a look. */
const longSilenceDays = 60;
/** Sources seen within this many days count for whether an identity is shared. */
const sharedWithinDays = 30;
/** Kept of one identity: a program that calls itself by a new name each time must not fill the table. */
const mostSources = 50;

/**
 * Records that identities were seen at work: last activity, the days and the sources, an awakening after a long silence,
 * and whether several networks or programs are behind one of them. Seeing the same again changes nothing.
 */
export async function recordUses(tx: Transaction, uses: readonly SeenUse[], now: Date): Promise<void> {
  if (uses.length === 0) return;
  const rows = JSON.stringify(uses.map((use) => ({ id: use.identityId, at: use.at.toISOString(), address: use.clientAddress, program: use.applicationName })));
  await noteActivity(tx, rows);
  await tx.$executeRaw`
    insert into use_days (identity_id, day)
    select distinct v.id, (v.at at time zone 'UTC')::date from jsonb_to_recordset(${rows}::jsonb) as v(id uuid, at timestamptz)
    on conflict do nothing`;
  await noteSources(tx, rows);
  const ids = [...new Set(uses.map(({ identityId }) => identityId))];
  await tx.$executeRaw`
    update identities i set is_shared = s.shared, scored_at = null from (
      select u.id, exists(select from use_sources x where x.identity_id = u.id and x.last_seen_at > ${now}::timestamptz - make_interval(days => ${sharedWithinDays}::int)
        group by x.kind having count(*) > 1) as shared from unnest(${ids}::uuid[]) as u(id)) s
    where i.id = s.id and (i.is_shared is distinct from s.shared)`;
  await wakeDormant(tx, ids, now);
}

/** The last activity moves forward only. The silence before it counts from what could be seen, and of one never seen from when it became known. */
async function noteActivity(tx: Transaction, rows: string): Promise<void> {
  await tx.$executeRaw`
    with seen as (select v.id, max(v.at) as at, min(v.at) as first from jsonb_to_recordset(${rows}::jsonb) as v(id uuid, at timestamptz) group by v.id),
    next as (
      select i.id, seen.at, seen.first, extract(epoch from seen.first - greatest(i.last_active_at, i.visible_since, case when i.last_active_at is null then i.first_seen_at end)) / 86400 as silent, i.visible_since
      from identities i join seen on seen.id = i.id where i.last_active_at is null or i.last_active_at < seen.at)
    update identities i set last_active_at = next.at, scored_at = null,
      woke_at = case when next.visible_since is not null and next.silent >= ${longSilenceDays}::int then next.first else i.woke_at end,
      silence_days = case when next.visible_since is not null and next.silent >= ${longSilenceDays}::int then floor(next.silent)::int else i.silence_days end
    from next where i.id = next.id`;
}

/** Networks as blocks, since addresses inside one change by themselves; programs by the name that they give. */
async function noteSources(tx: Transaction, rows: string): Promise<void> {
  await tx.$executeRaw`
    with given as (
      select v.id, v.at, s.kind, s.value from jsonb_to_recordset(${rows}::jsonb) as v(id uuid, at timestamptz, address text, program text),
      lateral (values
        ('network', case when v.address ~ '^[0-9a-fA-F.:]+$' then network(set_masklen(v.address::inet, case family(v.address::inet) when 4 then 24 else 48 end))::text end),
        ('workload', left(nullif(trim(v.program), ''), 100))) as s(kind, value)
      where s.value is not null),
    folded as (select id, kind, value, min(at) as first, max(at) as last from given group by id, kind, value),
    room as (select folded.*, row_number() over (partition by id order by first) + (select count(*) from use_sources x where x.identity_id = folded.id) as n,
        exists(select from use_sources x where x.identity_id = folded.id and x.kind = folded.kind and x.value = folded.value) as known from folded)
    insert into use_sources (identity_id, kind, value, first_seen_at, last_seen_at)
    select id, kind, value, first, last from room where known or n <= ${mostSources}::int
    on conflict (identity_id, kind, value) do update set last_seen_at = greatest(use_sources.last_seen_at, excluded.last_seen_at),
      first_seen_at = least(use_sources.first_seen_at, excluded.first_seen_at)`;
}

/** An identity that was dormant and is seen at work is active again. */
async function wakeDormant(tx: Transaction, ids: readonly string[], now: Date): Promise<void> {
  const woken = await tx.$queryRaw<{ id: string }[]>`
    update identities set state = 'active', scored_at = null where id = any(${ids}::uuid[]) and state = 'dormant' and last_active_at is not null returning id::text as id`;
  await appendEvents(
    tx,
    woken.map(({ id }) => ({ type: "identity.state-changed" as const, at: now, actor: worker, subjects: { identity: id }, data: { from: "dormant", to: "active" } })),
  );
}
