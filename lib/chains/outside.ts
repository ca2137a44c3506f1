import "server-only";
import * as z from "zod";
import type { Actor } from "@/lib/auth/actor";
import { Prisma } from "@/lib/db/generated/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { formatCount, formatPlural, formatUtc } from "@/lib/platform/format";

const worker: Actor = { kind: "system", process: "worker" };
/** Credentials judged in one transaction: taking lines waits for it. */
const atOnce = 10;
const mostBatches = 200;
/** Uses of one credential that are counted one by one. */
const mostCounted = 10_000;
const mostObjects = 3;

const keyOf = (credentialId: string) => `use-outside-session:${credentialId}`;

/** `new`: credentials with uses that nobody judged and no finding yet. `all`: those that have one, too. */
export type Judging = "new" | "all";

/**
 * Judges the uses of managed credentials that no session explains: a finding each, which says how many and when the last was. Late
 * data that explains them, and a standing exception that answers for the time, close it. Any number of workers may call it, and
 * repeating it changes nothing; answers how many credentials it judged.
 */
export async function judgeUsesOutside(which: Judging): Promise<number> {
  let judged = 0;
  for (let turn = 0, after = ""; turn < mostBatches; turn += 1) {
    const batch = await inTransaction(async (tx, now) => {
      const credentials = await lockCredentials(tx, which, after);
      const outside = await readUsesOutside(tx, credentials.map(({ id }) => id));
      for (const credential of credentials) await judge(tx, credential, { outside: outside.get(credential.id) ?? null, now });
      await tx.credential.updateMany({ where: { id: { in: credentials.map(({ id }) => id) } }, data: { usesToJudge: false } });
      return credentials;
    });
    judged += batch.length;
    after = batch.at(-1)?.id ?? "";
    if (batch.length < atOnce) break;
  }
  return judged;
}

const credentialRow = z.object({ id: z.string(), handle: z.string(), identityId: z.string(), systemId: z.string(), identity: z.string(), system: z.string() });
type CredentialRow = z.infer<typeof credentialRow>;

/** Under the lock that taking lines needs to say that there is more: what comes while this looks is looked at next. */
async function lockCredentials(tx: Transaction, which: Judging, after: string): Promise<CredentialRow[]> {
  const rows = await tx.$queryRaw<unknown[]>`
    select c.id::text as id, c.handle, c.identity_id::text as "identityId", c.system_id::text as "systemId", i.name as identity, s.name as system
    from credentials c join identities i on i.id = c.identity_id join systems s on s.id = c.system_id
    where c.ours is null and (${after} = '' or c.id > nullif(${after}, '')::uuid) and case ${which}::text
      when 'new' then c.uses_to_judge and not exists (select from findings f where f.dedupe_key = 'use-outside-session:' || c.id)
      else c.uses_to_judge or exists (select from findings f where f.dedupe_key = 'use-outside-session:' || c.id) end
    order by c.id limit ${atOnce}::int for update of c skip locked`;
  return rows.map((row) => credentialRow.parse(row));
}

const useRow = z.object({
  at: z.date(), action: z.string().nullable(), kind: z.string(), objects: z.array(z.string()), from: z.string().nullable(), sourceId: z.string(), source: z.string(), id: z.string(),
});
const outsideRow = useRow.extend({ credentialId: z.string(), count: z.number() });
type Outside = z.infer<typeof outsideRow>;

/** When somebody answered for all that the identity of credential `c` holds on its system without a session. */
const answered = Prisma.sql`(
  select coalesce(range_intersect_agg(each.held + each.gone), '{}') * (
    select coalesce(range_agg(tstzrange(x.made_at, coalesce(x.ended_at, x.ends_at))), '{}') from standing_exceptions x join assignments a on a.id = x.assignment_id
    join entitlements e on e.id = a.entitlement_id where a.identity_id = c.identity_id and e.system_id = c.system_id) as times
  from (
    select coalesce(range_agg(tstzrange(x.made_at, coalesce(x.ended_at, x.ends_at))) filter (where x.id is not null), '{}') as held,
      tstzmultirange(tstzrange(null, a.first_seen_at), case when a.ended_at is null then 'empty' else tstzrange(a.ended_at, null) end) as gone
    from assignments a join entitlements e on e.id = a.entitlement_id left join standing_exceptions x on x.assignment_id = a.id
    where a.identity_id = c.identity_id and e.system_id = c.system_id and a.kind = 'standing' group by a.id, a.first_seen_at, a.ended_at) each)`;

/** Uses of credential `c` that logs tell of and no session explains. What was refused is no use. */
const unexplained = Prisma.sql`
  select u.id, u.started_at - make_interval(secs => s.clock_offset_ms / 1000.0) as at, u.action, u.kind, u.objects[1:${mostObjects}::int] as objects, u.client_address as "from",
    s.id::text as "sourceId", s.name as source
  from uses u join sources s on s.id = u.source_id and s.kind = 'log'
  where u.system_id = c.system_id and u.grant_id is null and u.outcome = 'allowed' and u.markers && array['login:' || c.handle, 'account:' || c.handle]
    and not (a.times @> u.started_at - make_interval(secs => s.clock_offset_ms / 1000.0))`;

/** Uses of these credentials outside of any session: how many, and the last. A name that was given away and made anew belongs to who has it now. */
async function readUsesOutside(tx: Transaction, ids: readonly string[]): Promise<ReadonlyMap<string, Outside>> {
  const rows = await tx.$queryRaw<unknown[]>`
    select c.id::text as "credentialId", l.count, l.at, l.id::text as id, l.action, l.kind, l.objects, l."from", l."sourceId", l.source
    from credentials c cross join lateral ${answered} a
    cross join lateral (
      select w.*, (count(*) over ())::int as count from (select * from (${unexplained}) every limit ${mostCounted + 1}::int) w order by w.at desc, w.id desc limit 1) l
    where c.id = any(${[...ids]}::uuid[])
      and not exists (select from credentials n where n.system_id = c.system_id and n.handle = c.handle and n.id <> c.id and n.first_seen_at > c.first_seen_at)`;
  const found = rows.map((row) => outsideRow.parse(row));
  // Where not all were looked at, the last is looked for by time: it is not far where there are so many.
  return new Map(await Promise.all(found.map(async (row) => [row.credentialId, row.count > mostCounted ? { ...row, ...(await readLast(tx, row.credentialId)) } : row] as const)));
}

async function readLast(tx: Transaction, credentialId: string): Promise<z.infer<typeof useRow> | null> {
  const rows = await tx.$queryRaw<unknown[]>`
    select l.at, l.id::text as id, l.action, l.kind, l.objects, l."from", l."sourceId", l.source
    from credentials c cross join lateral ${answered} a cross join lateral (${unexplained} order by u.started_at desc limit 1) l where c.id = ${credentialId}::uuid`;
  return rows.map((row) => useRow.parse(row))[0] ?? null;
}

async function judge(tx: Transaction, credential: CredentialRow, { outside, now }: { readonly outside: Outside | null; readonly now: Date }): Promise<void> {
  const { id, handle, identity, system, identityId, systemId } = credential;
  if (outside === null) {
    await closeFinding(tx, { key: keyOf(id), actor: worker, now });
    return;
  }
  const { count, at, action, kind, objects, from, sourceId, source } = outside;
  const uses = count > mostCounted ? `more than ${formatCount(mostCounted)} uses` : formatPlural(count, "use");
  await openFinding(tx, {
    kind: "use-outside-session", key: keyOf(id),
    title: `“${identity}” was used on ${system} outside of any session: ${uses} of ${handle}, the last at ${formatUtc(at)}`,
    detail: {
      credentialId: id, handle, uses: count,
      lastUse: { id: outside.id, at: at.toISOString(), action: action ?? kind.toUpperCase(), objects, from, source: { id: sourceId, name: source } },
    },
    subjects: { identityId, systemId }, actor: worker, now,
  });
}
