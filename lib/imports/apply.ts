import "server-only";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { databaseClock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { longestRunMs, takeSystem } from "./compare";
import { parseCounts, parseFormat } from "./data";
import { familyOf } from "./rules";
import type { Change, ChangeCounts } from "./types";
import { enqueue } from "@/lib/worker/enqueue";

const worker = { kind: "system", process: "worker" } as const;
/** A first use after this many days is told as such. */
const silenceDays = 90;
/** A time-ordered id for each row (UUID version 7, RFC 9562 §5.7): a million random ones would touch every page of every index. */
const newId = Prisma.raw(
  "encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6), 52, 1), 53, 1), 'hex')::uuid",
);

type Application = {
  readonly id: string;
  readonly systemId: string;
  readonly family: string;
  readonly asOf: Date;
  readonly environment: string;
  readonly demo: boolean;
  readonly now: Date;
};

/**
 * Puts the differences that a person confirmed into force, in one transaction and by sets: all of them, or none. Where another
 * file of the system was applied since they were shown, they are computed anew and shown again.
 */
export async function applyImport(importId: string): Promise<void> {
  await db.$transaction(
    async (tx) => {
      const row = await tx.import.findUnique({ where: { id: importId }, include: { system: { select: { environment: true, demo: true } } } });
      if (row?.state !== "applying") return;
      await takeSystem(tx, row.systemId, await tx.importChange.count({ where: { importId } }));
      const now = await databaseClock.now(tx);
      const applied = await tx.import.count({ where: { systemId: row.systemId, state: "applied" } });
      if (applied !== row.comparedWith) {
        await tx.import.updateMany({ where: { id: importId, state: "applying" }, data: { state: "comparing", confirmedById: null, confirmedAt: null, progressAt: now } });
        await enqueue(tx, "compare-import", { importId }, { key: `import:${importId}` });
        return;
      }
      const about = { id: row.id, systemId: row.systemId, family: familyOf(parseFormat(row.format)), asOf: row.asOf, ...row.system, now };
      await applyIdentities(tx, about);
      await applyCredentials(tx, about);
      await applyEntitlements(tx, about);
      await applyAssignments(tx, about);
      await applyUse(tx, about);
      await touchIdentities(tx, about);
      await keepFacts(tx, about);
      await close(tx, about, { counts: parseCounts(row.counts), digest: row.digest ?? "", sha256: row.sha256 ?? "", confirmedById: row.confirmedById });
    },
    { timeout: longestRunMs, maxWait: 60_000 },
  );
}

// Rows go in by the order of the index that holds their keys: side by side they touch each of its pages once.
async function applyIdentities(tx: Transaction, { id, systemId, environment, demo, now }: Application): Promise<void> {
  await tx.$executeRaw`
    insert into identities (id, name, kind, description, environment, state, vendor, tags, source, system_id, external_key, first_seen_at, last_seen_at,
      last_active_at, visible_since, demo)
    select ${newId}, after->>'name', after->>'kind', after->>'description', coalesce(after->>'environment', ${environment}::text), 'unowned', after->>'vendor',
      array(select jsonb_array_elements_text(coalesce(after->'tags', '[]'))), 'import', ${systemId}::uuid, c.key, ${now}::timestamptz, ${now}::timestamptz,
      x.at, x.since, ${demo}::boolean
    from import_changes c left join (
      select ref, max((after->>'lastUsedAt')::timestamptz) as at, min((after->>'visibleSince')::timestamptz) as since
      from import_changes where import_id = ${id}::uuid and kind in ('identity', 'credential') and change <> 'outvoted' group by ref) x on x.ref = c.key
    where c.import_id = ${id}::uuid and c.kind = 'identity' and c.change in ('appeared', 'returned', 'changed')
    order by c.key
    on conflict (system_id, external_key) do nothing`;
  // Only what differs is written, so that what a person said about the rest stays.
  await tx.$executeRaw`
    update identities i set
      name = c.after->>'name',
      kind = case when c.before->'kind' is distinct from c.after->'kind' then c.after->>'kind' else i.kind end,
      description = case when c.before->'description' is distinct from c.after->'description' then c.after->>'description' else i.description end,
      environment = case when c.before->'environment' is distinct from c.after->'environment' then coalesce(c.after->>'environment', i.environment) else i.environment end,
      vendor = case when c.before->'vendor' is distinct from c.after->'vendor' then c.after->>'vendor' else i.vendor end,
      tags = case when c.before->'tags' is distinct from c.after->'tags' then array(
          select t from unnest(i.tags) t where not coalesce(c.before->'tags', '[]') ? t
          union select jsonb_array_elements_text(coalesce(c.after->'tags', '[]')) order by 1) else i.tags end,
      visible_since = coalesce((c.after->>'visibleSince')::timestamptz, i.visible_since),
      vanished_at = null, last_seen_at = ${now}::timestamptz, scored_at = null
    from import_changes c
    where c.import_id = ${id}::uuid and c.kind = 'identity' and c.change in ('returned', 'changed') and i.system_id = ${systemId}::uuid and i.external_key = c.key`;
  await tx.$executeRaw`
    update identities i set vanished_at = ${now}::timestamptz, scored_at = null
    from import_changes c
    where c.import_id = ${id}::uuid and c.kind = 'identity' and c.change = 'vanished' and i.system_id = ${systemId}::uuid and i.external_key = c.key and i.vanished_at is null`;
}

async function applyCredentials(tx: Transaction, { id, systemId, now }: Application): Promise<void> {
  await tx.$executeRaw`
    insert into credentials (id, identity_id, system_id, handle, target_id, kind, created_at, rotated_at, is_enabled, expires_at, last_used_at, visible_since,
      first_seen_at, last_seen_at, facts)
    select ${newId}, i.id, ${systemId}::uuid, c.after->>'handle', c.key, c.after->>'kind', (c.after->>'createdAt')::timestamptz, (c.after->>'rotatedAt')::timestamptz,
      coalesce((c.after->>'isEnabled')::boolean, true), (c.after->>'expiresAt')::timestamptz, (c.after->>'lastUsedAt')::timestamptz,
      (c.after->>'visibleSince')::timestamptz, ${now}::timestamptz, ${now}::timestamptz, '{}'
    from import_changes c join identities i on i.system_id = ${systemId}::uuid and i.external_key = c.ref
    where c.import_id = ${id}::uuid and c.kind = 'credential' and c.change in ('appeared', 'returned', 'changed')
    order by c.key
    on conflict (system_id, target_id) do update set
      identity_id = excluded.identity_id, handle = excluded.handle, kind = excluded.kind, created_at = excluded.created_at, rotated_at = excluded.rotated_at,
      is_enabled = excluded.is_enabled, expires_at = excluded.expires_at, last_used_at = greatest(credentials.last_used_at, excluded.last_used_at),
      visible_since = coalesce(excluded.visible_since, credentials.visible_since), last_seen_at = excluded.last_seen_at, vanished_at = null`;
  // What an identity that is gone had is gone with it.
  await tx.$executeRaw`
    update credentials k set vanished_at = ${now}::timestamptz
    from import_changes c left join identities i on c.kind = 'identity' and i.system_id = ${systemId}::uuid and i.external_key = c.key
    where c.import_id = ${id}::uuid and c.change = 'vanished' and k.system_id = ${systemId}::uuid and k.vanished_at is null
      and ((c.kind = 'credential' and k.target_id = c.key) or (c.kind = 'identity' and k.identity_id = i.id))`;
}

async function applyEntitlements(tx: Transaction, { id, systemId, family, demo, now }: Application): Promise<void> {
  // The strictest until a person says otherwise, where the file does not say.
  await tx.$executeRaw`
    insert into entitlements (id, system_id, name, description, target, actions, sensitivity, purposes, created_at, demo)
    select ${newId}, ${systemId}::uuid, key, coalesce(after->>'description', 'Known from a file; nobody has described it yet.'),
      jsonb_build_object('file', ${family}::text), array(select jsonb_array_elements_text(coalesce(after->'actions', '[]'))),
      coalesce(after->>'sensitivity', 'critical'), '{}', ${now}::timestamptz, ${demo}::boolean
    from import_changes
    where import_id = ${id}::uuid and kind = 'entitlement' and change in ('appeared', 'returned', 'changed')
    on conflict (system_id, name) do nothing`;
  // A file may raise a sensitivity that nobody has touched since; lowering one is for people.
  await tx.$executeRaw`
    update entitlements e set
      description = case when c.before->'description' is distinct from c.after->'description' then coalesce(c.after->>'description', e.description) else e.description end,
      actions = array(select jsonb_array_elements_text(coalesce(c.after->'actions', '[]'))),
      sensitivity = case when e.sensitivity = coalesce(c.before->>'sensitivity', 'critical')
          and array_position(array['low', 'medium', 'high', 'critical'], c.after->>'sensitivity') > array_position(array['low', 'medium', 'high', 'critical'], e.sensitivity)
        then c.after->>'sensitivity' else e.sensitivity end
    from import_changes c
    where c.import_id = ${id}::uuid and c.kind = 'entitlement' and c.change = 'changed' and e.system_id = ${systemId}::uuid and e.name = c.key`;
}

async function applyAssignments(tx: Transaction, { id, systemId, now }: Application): Promise<void> {
  await tx.$executeRaw`
    insert into assignments (id, identity_id, entitlement_id, kind, path, first_seen_at, last_seen_at)
    select ${newId}, i.id, e.id, 'standing', array(select jsonb_array_elements_text(coalesce(c.after->'path', '[]'))), ${now}::timestamptz, ${now}::timestamptz
    from import_changes c
      join identities i on i.system_id = ${systemId}::uuid and i.external_key = c.ref
      join entitlements e on e.system_id = ${systemId}::uuid and e.name = c.ref2
    where c.import_id = ${id}::uuid and c.kind = 'assignment' and c.change in ('appeared', 'returned', 'changed')
      and not exists (select from assignments a where a.identity_id = i.id and a.entitlement_id = e.id and a.kind = 'standing' and a.ended_at is null)`;
  await tx.$executeRaw`
    update assignments a set path = array(select jsonb_array_elements_text(coalesce(c.after->'path', '[]'))), last_seen_at = ${now}::timestamptz
    from import_changes c
      join identities i on i.system_id = ${systemId}::uuid and i.external_key = c.ref
      join entitlements e on e.system_id = ${systemId}::uuid and e.name = c.ref2
    where c.import_id = ${id}::uuid and c.kind = 'assignment' and c.change = 'changed'
      and a.identity_id = i.id and a.entitlement_id = e.id and a.kind = 'standing' and a.ended_at is null`;
  await tx.$executeRaw`
    update assignments a set ended_at = ${now}::timestamptz
    from import_changes c
      join identities i on i.system_id = ${systemId}::uuid and i.external_key = c.ref
      join entitlements e on e.system_id = ${systemId}::uuid
    where c.import_id = ${id}::uuid and c.change = 'vanished' and a.identity_id = i.id and a.entitlement_id = e.id and a.kind = 'standing' and a.ended_at is null
      and ((c.kind = 'assignment' and e.name = c.ref2) or c.kind = 'identity')`;
}

async function applyUse(tx: Transaction, { id, systemId }: Application): Promise<void> {
  await tx.$executeRaw`
    insert into use_days (identity_id, day)
    select distinct i.id, r.ref2::date from import_rows r join identities i on i.system_id = ${systemId}::uuid and i.external_key = r.ref
    where r.import_id = ${id}::uuid and r.kind = 'use-day'
    on conflict do nothing`;
  await tx.$executeRaw`
    insert into use_sources (identity_id, kind, value, first_seen_at, last_seen_at)
    select i.id, split_part(r.ref2, ':', 1), substr(r.ref2, position(':' in r.ref2) + 1), min((r.facts->>'first')::timestamptz), max((r.facts->>'last')::timestamptz)
    from import_rows r join identities i on i.system_id = ${systemId}::uuid and i.external_key = r.ref
    where r.import_id = ${id}::uuid and r.kind = 'use-source' group by 1, 2, 3
    on conflict (identity_id, kind, value) do update set
      first_seen_at = least(use_sources.first_seen_at, excluded.first_seen_at), last_seen_at = greatest(use_sources.last_seen_at, excluded.last_seen_at)`;
}

/** Last activity is the latest that anything says; whoever was touched is scored anew. */
async function touchIdentities(tx: Transaction, { id, systemId, now }: Application): Promise<void> {
  await tx.$executeRaw`
    update identities i set
      woke_at = case when i.last_active_at is not null and x.at - i.last_active_at > make_interval(days => ${silenceDays}::int) then x.at else i.woke_at end,
      silence_days = case when i.last_active_at is not null and x.at - i.last_active_at > make_interval(days => ${silenceDays}::int)
        then extract(day from x.at - i.last_active_at)::int else i.silence_days end,
      last_active_at = greatest(i.last_active_at, x.at), visible_since = coalesce(i.visible_since, x.since), scored_at = null, last_seen_at = ${now}::timestamptz
    from (
      select ref, max(at) as at, min(since) as since from (
        select ref, (after->>'lastUsedAt')::timestamptz as at, (after->>'visibleSince')::timestamptz as since
        from import_changes where import_id = ${id}::uuid and kind in ('identity', 'credential') and change <> 'outvoted'
        union all select ref, null, null from import_changes where import_id = ${id}::uuid and kind = 'assignment' and change <> 'outvoted'
        union all select ref, (facts->>'last')::timestamptz, null from import_rows where import_id = ${id}::uuid and kind = 'use-source'
        union all select ref, null, null from import_rows where import_id = ${id}::uuid and kind = 'use-day') said group by ref) x
    where i.system_id = ${systemId}::uuid and i.external_key = x.ref
      and (x.at > coalesce(i.last_active_at, '-infinity') or i.scored_at is not null or (i.visible_since is null and x.since is not null))`;
}

/** Remembers what this kind of file said, for the next one. */
async function keepFacts(tx: Transaction, { id, systemId, family, asOf, now }: Application): Promise<void> {
  await tx.$executeRaw`
    update imported_facts f set gone_at = ${now}::timestamptz, as_of = ${asOf}::timestamptz, import_id = ${id}::uuid
    from import_changes c
    where c.import_id = ${id}::uuid and c.line is null and f.system_id = ${systemId}::uuid and f.family = ${family}::text and f.kind = c.kind and f.key = c.key and f.gone_at is null`;
  await tx.$executeRaw`
    insert into imported_facts (system_id, kind, key, family, ref, ref2, facts, as_of, import_id)
    select ${systemId}::uuid, r.kind, r.key, ${family}::text, r.ref, r.ref2, r.facts, ${asOf}::timestamptz, ${id}::uuid
    from import_changes c join import_rows r on r.import_id = c.import_id and r.kind = c.kind and r.key = c.key
    where c.import_id = ${id}::uuid
    order by r.kind, r.key
    on conflict (system_id, kind, key, family) do update set
      facts = case when imported_facts.as_of > excluded.as_of then excluded.facts || imported_facts.facts else imported_facts.facts || excluded.facts end
        || jsonb_strip_nulls(jsonb_build_object('lastUsedAt', greatest(imported_facts.facts->>'lastUsedAt', excluded.facts->>'lastUsedAt'))),
      ref = excluded.ref, ref2 = excluded.ref2, import_id = excluded.import_id, gone_at = null, as_of = greatest(imported_facts.as_of, excluded.as_of)`;
}

type Closing = { readonly counts: ChangeCounts; readonly digest: string; readonly sha256: string; readonly confirmedById: string | null };

async function close(tx: Transaction, { id, systemId, now }: Application, { counts, digest, sha256, confirmedById }: Closing): Promise<void> {
  const sum = (change: Change) => Object.values(counts.changes).reduce((total, byChange) => total + (byChange[change] ?? 0), 0);
  await tx.import.updateMany({ where: { id, state: "applying" }, data: { state: "applied", closedAt: now, progressAt: now } });
  await tx.system.update({ where: { id: systemId }, data: { discoveredAt: now } });
  await tx.$executeRaw`delete from import_rows where import_id = ${id}::uuid`;
  await appendEvent(tx, {
    type: "import.applied",
    at: now,
    actor: worker,
    subjects: { system: systemId },
    data: {
      importId: id,
      confirmedById,
      sha256,
      digest,
      identities: counts.changes.identity?.appeared ?? 0,
      appeared: sum("appeared"),
      returned: sum("returned"),
      changed: sum("changed"),
      vanished: sum("vanished"),
      contradictions: counts.contradictions,
    },
  });
}
