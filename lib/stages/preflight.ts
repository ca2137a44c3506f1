import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { formatList } from "@/lib/platform/format";
import { assess } from "@/lib/requests/assessment";

const worker: Actor = { kind: "system", process: "worker" };
/** Identities that stand for all: one of each kind and environment. */
const mostIdentities = 6;
const mostPurposes = 3;
const batch = 50;

type Entitlement = { readonly id: string; readonly name: string; readonly systemId: string; readonly purposes: string[]; readonly system: { readonly name: string } };
type Standing = { readonly id: string; readonly name: string };
type DeadEnd = { readonly stage: string; readonly identity: Standing; readonly side: readonly string[]; readonly unknown: string };

const keyOf = (entitlementId: string) => `approval-dead-end:${entitlementId}`;

/**
 * Asks of everything that can be asked for, under the policies in force, whether anybody could approve it: what would end nowhere
 * is a finding before somebody asks, and closes once it is mended. Answers how many were looked at.
 */
export async function checkRoutes(): Promise<number> {
  const identities = await representatives();
  let looked = 0;
  for (let after: string | null = null; ; ) {
    const rows: Entitlement[] = await db.entitlement.findMany({
      where: { requestable: true, ...(after === null ? {} : { id: { gt: after } }) },
      select: { id: true, name: true, systemId: true, purposes: true, system: { select: { name: true } } },
      orderBy: { id: "asc" },
      take: batch,
    });
    for (const entitlement of rows) await checkRoute(entitlement, identities);
    looked += rows.length;
    after = rows.at(-1)?.id ?? null;
    if (rows.length < batch) break;
  }
  await closeForgotten();
  return looked;
}

async function representatives(): Promise<Standing[]> {
  return db.$queryRaw<Standing[]>`
    select distinct on (kind, environment) id, name from identities
    where state in ('active', 'dormant', 'stale') and vanished_at is null and owner_id is not null and not is_shared
    order by kind, environment, first_seen_at limit ${mostIdentities}::int`;
}

async function checkRoute(entitlement: Entitlement, identities: readonly Standing[]): Promise<void> {
  await inTransaction(async (tx, now) => {
    const end = await findDeadEnd(tx, entitlement, identities, now);
    if (!end) {
      await closeFinding(tx, { key: keyOf(entitlement.id), actor: worker, now });
      return;
    }
    const could = await whoCould(tx, end.side);
    const appoint = could.length > 0 ? `An administrator can appoint, for example, ${formatList(could, "or")}` : "Nobody else holds a role that decides";
    const why = end.unknown ? `policy asks ${end.unknown}, and nobody or several are called that` : `${end.stage} has not enough people off the asking side`;
    await openFinding(tx, {
      kind: "approval-dead-end",
      key: keyOf(entitlement.id),
      title: `Nobody can approve ${entitlement.name} on ${entitlement.system.name} (looked at for ${end.identity.name}): ${why}. ${appoint}`,
      detail: { entitlementId: entitlement.id, stage: end.stage, identityId: end.identity.id },
      subjects: { systemId: entitlement.systemId },
      actor: worker,
      now,
    });
  });
}

/** Asked as a workload for itself and at the vote, so that neither a ticket nor what is granted already stands in the way. */
async function findDeadEnd(tx: Transaction, { id, purposes }: Entitlement, identities: readonly Standing[], now: Date): Promise<DeadEnd | null> {
  for (const identity of identities) {
    for (const purpose of purposes.slice(0, mostPurposes)) {
      const asker = { kind: "workload", identityId: identity.id, triggeredById: null } as const;
      const ask = { asker, identityId: identity.id, entitlementIds: [id], purpose, durationSeconds: 60, maxUses: null, ticketKey: "CHG-0", sourceAddress: null };
      const { outcome, side } = await assess(tx, ask, { moment: "vote", now });
      if (outcome.ok || outcome.code !== "nobody-can-approve") continue;
      return { stage: String(outcome.detail?.["stage"] ?? "a stage"), unknown: String(outcome.detail?.["unknown"] ?? ""), identity, side: side.map(({ personId }) => personId) };
    }
  }
  return null;
}

async function whoCould(tx: Transaction, side: readonly string[]): Promise<string[]> {
  const rows = await tx.person.findMany({
    where: { leftAt: null, id: { notIn: [...side] }, roles: { some: { role: { in: [...holdersOf("request:decide")] } } } },
    select: { name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: 3,
  });
  return rows.map(({ name }) => name);
}

/** What cannot be asked for any more needs nobody. */
async function closeForgotten(): Promise<void> {
  const open = await db.finding.findMany({ where: { kind: "approval-dead-end", closedAt: null }, select: { dedupeKey: true }, orderBy: { id: "asc" }, take: 1_000 });
  const ids = open.map(({ dedupeKey }) => dedupeKey.slice("approval-dead-end:".length));
  const asked = new Set((await db.entitlement.findMany({ where: { id: { in: ids }, requestable: true }, select: { id: true } })).map(({ id }) => id));
  for (const id of ids.filter((one) => !asked.has(one))) await inTransaction((tx, now) => closeFinding(tx, { key: keyOf(id), actor: worker, now }));
}
