import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { DiscoveredRole } from "@/lib/connectors/contract";
import type { Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";

const worker: Actor = { kind: "system", process: "worker" };

const neededTo = { connector: "give access and take it away again", probe: "prove an end with eyes of its own" } as const;

type Seen = { readonly systemId: string; readonly logins: readonly Pick<DiscoveredRole, "targetId" | "ours">[]; readonly now: Date };
type Marked = { id: string; identity_id: string; handle: string; target_id: string; system: string; was: string | null; ours: "connector" | "probe" | null };

const keyOf = (systemId: string, targetId: string) => `own-account:${systemId}:${targetId}`;

/**
 * Marks which credentials of a system are Curfew's own accounts, by the connection itself and never by name alone. Each is one
 * known finding instead of many side doors; answers the identities for which that changed.
 */
export async function recordOwnAccounts(tx: Transaction, { systemId, logins, now }: Seen): Promise<string[]> {
  const ours = logins.flatMap(({ targetId, ours: as }) => (as ? [{ targetId, as }] : []));
  const rows = await tx.$queryRaw<Marked[]>`
    select c.id, c.identity_id, c.handle, c.target_id, s.name as system, c.ours as was, v."as" as ours
    from credentials c join systems s on s.id = c.system_id left join jsonb_to_recordset(${JSON.stringify(ours)}::jsonb) as v("targetId" text, "as" text) on v."targetId" = c.target_id
    where c.system_id = ${systemId}::uuid and (c.ours is not null or v."as" is not null) order by c.id`;
  const changed = rows.filter(({ was, ours: as }) => was !== as);
  for (const { id, ours: as } of changed) await tx.credential.update({ where: { id }, data: { ours: as } });
  for (const row of rows) await tellOwn(tx, systemId, row, now);
  return changed.map(({ identity_id }) => identity_id);
}

async function tellOwn(tx: Transaction, systemId: string, { identity_id, handle, target_id, system, ours }: Marked, now: Date): Promise<void> {
  const key = keyOf(systemId, target_id);
  if (ours === null) {
    await closeFinding(tx, { key, actor: worker, now });
    return;
  }
  await openFinding(tx, {
    kind: "own-account",
    key,
    title: `${handle} on ${system} is Curfew's own account, needed to ${neededTo[ours]}`,
    detail: { handle, use: ours },
    subjects: { identityId: identity_id, systemId },
    actor: worker,
    now,
  });
}
