import "server-only";
import type { DiscoveredPrivilege } from "@/lib/connectors/contract";
import type { Prisma } from "@/lib/db/generated/client";
import type { Transaction } from "@/lib/db/transaction";
import type { CredentialFacts, KnownCredential } from "./discovery-plan";

/** Rows in one statement: large enough that ten thousand cost a few round trips, small enough for one message. */
const batchSize = 1_000;

async function inBatches<Row>(rows: readonly Row[], work: (batch: readonly Row[]) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < rows.length; start += batchSize) await work(rows.slice(start, start + batchSize));
}

/** The credentials of a system by the target's own id. */
export async function readKnown(tx: Transaction, systemId: string): Promise<Map<string, KnownCredential>> {
  const rows = await tx.credential.findMany({
    where: { systemId },
    select: { id: true, identityId: true, targetId: true, handle: true, facts: true, expiresAt: true, isEnabled: true, vanishedAt: true },
  });
  return new Map(rows.map((row) => [row.targetId, row]));
}

export type SeenCredential = {
  readonly id: string;
  readonly handle: string;
  readonly expiresAt: Date | null;
  readonly isEnabled: boolean;
  readonly lastUsedAt: Date | null;
  readonly facts: CredentialFacts;
};

/** Credentials that are still there. The last use moves forward only; what one look cannot see was seen by an earlier one. */
export function keepCredentials(tx: Transaction, seen: readonly SeenCredential[], about: { visibleSince: Date | null; now: Date }): Promise<void> {
  return inBatches(seen, (batch) => tx.$executeRaw`
    update credentials c set handle = v.handle, "expires_at" = v."expiresAt", is_enabled = v."isEnabled", facts = v.facts,
      last_used_at = greatest(c.last_used_at, v."lastUsedAt"), visible_since = ${about.visibleSince}::timestamptz,
      last_seen_at = ${about.now}::timestamptz, vanished_at = null
    from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb)
      as v(id uuid, handle text, "expiresAt" timestamptz, "isEnabled" boolean, "lastUsedAt" timestamptz, facts jsonb)
    where c.id = v.id`);
}

/** Identities that are still there. */
export function keepIdentities(tx: Transaction, ids: readonly string[], about: { systemId: string; visibleSince: Date | null; now: Date }): Promise<void> {
  return inBatches(ids, (batch) => tx.$executeRaw`
    update identities set last_seen_at = ${about.now}::timestamptz, vanished_at = null, visible_since = ${about.visibleSince}::timestamptz
    where id = any(${batch}::uuid[])`);
}

/** Identities by those role names that have no credential on the system yet, spelled with underscores or hyphens. */
export async function readIdentitiesNamed(tx: Transaction, systemId: string, names: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  await inBatches(names, async (batch) => {
    const rows = await tx.$queryRaw<{ name: string; id: string }[]>`
      select distinct on (asked.name) asked.name, i.id::text as id
      from unnest(${batch}::text[]) as asked(name) join identities i on i.name in (asked.name, replace(asked.name, '_', '-'))
      where (i.system_id = ${systemId}::uuid or i.system_id is null)
        and not exists(select from credentials c where c.identity_id = i.id and c.system_id = ${systemId}::uuid)
      order by asked.name, i.name = asked.name desc, i.id`;
    for (const { name, id } of rows) found.set(name, id);
  });
  return found;
}

type About = { readonly systemId: string; readonly visibleSince: Date | null; readonly now: Date };

/** New identities: nobody answers for them yet. */
export function addIdentities(
  tx: Transaction,
  rows: readonly { readonly id: string; readonly name: string; readonly description: string | null }[],
  about: About & { readonly environment: string; readonly demo: boolean },
): Promise<void> {
  return inBatches(rows, (batch) => tx.$executeRaw`
    insert into identities (id, name, kind, description, environment, state, source, system_id, first_seen_at, last_seen_at, visible_since, demo)
    select v.id, v.name, 'database-role', v.description, ${about.environment}, 'unowned', 'discovery', ${about.systemId}::uuid,
      ${about.now}::timestamptz, ${about.now}::timestamptz, ${about.visibleSince}::timestamptz, ${about.demo}
    from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) as v(id uuid, name text, description text)`);
}

/** New credentials. */
export function addCredentials(tx: Transaction, rows: readonly (SeenCredential & { readonly identityId: string; readonly targetId: string })[], about: About): Promise<void> {
  return inBatches(rows, (batch) => tx.$executeRaw`
    insert into credentials (id, identity_id, system_id, handle, target_id, kind, is_enabled, expires_at, last_used_at, visible_since, first_seen_at, last_seen_at, facts)
    select v.id, v."identityId", ${about.systemId}::uuid, v.handle, v."targetId", 'password', v."isEnabled", v."expiresAt", v."lastUsedAt",
      ${about.visibleSince}::timestamptz, ${about.now}::timestamptz, ${about.now}::timestamptz, v.facts
    from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb)
      as v(id uuid, "identityId" uuid, handle text, "targetId" text, "isEnabled" boolean, "expiresAt" timestamptz, "lastUsedAt" timestamptz, facts jsonb)`);
}

/** Marks credentials that are no longer there, and identities that have none left; answers which were marked now. */
export async function markVanished(tx: Transaction, systemId: string, present: readonly string[], now: Date): Promise<{ handle: string; identityId: string }[]> {
  const gone = await tx.$queryRaw<{ handle: string; identityId: string }[]>`
    update credentials set vanished_at = ${now}::timestamptz
    where system_id = ${systemId}::uuid and vanished_at is null and target_id <> all(${[...present]}::text[])
    returning handle, identity_id::text as "identityId"`;
  if (gone.length === 0) return [];
  await tx.$executeRaw`
    update identities i set vanished_at = ${now}::timestamptz
    where i.id = any(${gone.map(({ identityId }) => identityId)}::uuid[]) and i.source = 'discovery' and i.vanished_at is null
      and not exists(select from credentials c where c.identity_id = i.id and c.vanished_at is null)`;
  return gone;
}

/** The system's entitlements by the group role that they stand for. */
export async function readEntitlements(tx: Transaction, systemId: string): Promise<Map<string, string>> {
  const rows = await tx.$queryRaw<{ id: string; role: string }[]>`
    select id::text as id, target->>'groupRole' as role from entitlements where system_id = ${systemId}::uuid and target ? 'groupRole'`;
  return new Map(rows.map(({ id, role }) => [role, id]));
}

/** What entitlements allow, as just read. */
export function keepPrivileges(tx: Transaction, rows: readonly { id: string; privileges: readonly DiscoveredPrivilege[] }[], now: Date): Promise<void> {
  return inBatches(rows, (batch) => tx.$executeRaw`
    update entitlements e set privileges = v.privileges, privileges_read_at = ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) as v(id uuid, privileges jsonb) where e.id = v.id`);
}

/** New entitlements. */
export function addEntitlements(tx: Transaction, rows: readonly Prisma.EntitlementCreateManyInput[]): Promise<void> {
  return inBatches(rows, (batch) => tx.entitlement.createMany({ data: [...batch] }));
}

export type Standing = {
  readonly id: string;
  readonly identityId: string;
  readonly entitlementId: string;
  readonly path: readonly string[];
  /** Null where nobody can see the use of it. */
  readonly visibleSince: Date | null;
  readonly lastUsedAt: Date | null;
};

/** The standing assignments of a system, as they are now; answers the identities for which one began or ended. */
export async function keepStanding(tx: Transaction, systemId: string, standing: readonly Standing[], now: Date): Promise<string[]> {
  const changed: string[] = [];
  await inBatches(standing, async (batch) => {
    const rows = JSON.stringify(batch);
    const given = `as v(id uuid, "identityId" uuid, "entitlementId" uuid, path text[], "visibleSince" timestamptz, "lastUsedAt" timestamptz)`;
    await tx.$executeRawUnsafe(
      `update assignments a set last_seen_at = $2::timestamptz, path = v.path, visible_since = v."visibleSince",
         last_used_at = greatest(a.last_used_at, v."lastUsedAt"), use_match = case when v."lastUsedAt" is null then a.use_match else 'inferred' end
       from jsonb_to_recordset($1::jsonb) ${given}
       where a.identity_id = v."identityId" and a.entitlement_id = v."entitlementId" and a.kind = 'standing' and a.ended_at is null`,
      rows,
      now,
    );
    const added = await tx.$queryRawUnsafe<{ id: string }[]>(
      `insert into assignments (id, identity_id, entitlement_id, kind, path, first_seen_at, last_seen_at, visible_since, last_used_at, use_match)
       select v.id, v."identityId", v."entitlementId", 'standing', v.path, $2::timestamptz, $2::timestamptz, v."visibleSince", v."lastUsedAt",
         case when v."lastUsedAt" is null then null else 'inferred' end
       from jsonb_to_recordset($1::jsonb) ${given}
       where not exists(select from assignments a where a.identity_id = v."identityId" and a.entitlement_id = v."entitlementId"
         and a.kind = 'standing' and a.ended_at is null)
       returning identity_id::text as id`,
      rows,
      now,
    );
    changed.push(...added.map(({ id }) => id));
  });
  const ended = await tx.$queryRaw<{ id: string }[]>`
    update assignments a set ended_at = ${now}::timestamptz from entitlements e
    where e.id = a.entitlement_id and e.system_id = ${systemId}::uuid and a.kind = 'standing' and a.ended_at is null and a.last_seen_at < ${now}::timestamptz
    returning a.identity_id::text as id`;
  return [...changed, ...ended.map(({ id }) => id)];
}

/** Scores and counts of these are computed anew. */
export function askForScores(tx: Transaction, ids: readonly string[]): Promise<void> {
  return inBatches(ids, (batch) => tx.$executeRaw`update identities set scored_at = null where id = any(${batch}::uuid[])`);
}
