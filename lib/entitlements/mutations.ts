import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { enqueueReroute } from "@/lib/worker/enqueue";
import { appendEvent } from "@/lib/ledger/append";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { parseSensitivity } from "./data";
import { whyNotDefine } from "./rules";
import type { DefineRefusal, Sensitivity } from "./types";

/** What people say about an entitlement. */
export type Definition = {
  readonly name: string;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly resourceOwnerId: string | null;
  readonly resourceTeamId: string | null;
  readonly purposes: readonly string[];
  readonly maxDurationSeconds: number | null;
  /** Can be asked for from now on. */
  readonly requestable: boolean;
};

type Defining = Definition & { readonly actor: Actor; readonly entitlementId: string; readonly clock?: Clock; readonly demo?: boolean };

/**
 * Describes an entitlement that discovery found: what it is called, how sensitive it is, who owns the resource, what it may
 * be asked for. Requestable only with a purpose and somebody who owns the resource, since they are the default approvers.
 */
export function defineEntitlement(command: Defining): Promise<Result<{ requestable: boolean }, DefineRefusal>> {
  const { actor, entitlementId, clock = databaseClock, demo = false, ...definition } = command;
  return inTransaction(async (tx, now) => {
    const before = await lockDefinition(tx, entitlementId);
    if (!before) return refuse("unknown-entitlement");
    const objection = whyNotDefine(definition);
    if (objection) return refuse(objection);
    await saveDefinition(tx, { entitlementId, before, after: definition, actor, now, demo });
    return ok({ requestable: definition.requestable });
  }, clock);
}

/** Locks an entitlement and reads what is said about it; null when there is none. */
export async function lockDefinition(tx: Transaction, entitlementId: string): Promise<Definition | null> {
  await tx.$queryRaw`select id from entitlements where id = ${entitlementId}::uuid for update`;
  const row = await tx.entitlement.findUnique({
    where: { id: entitlementId },
    select: { name: true, description: true, sensitivity: true, resourceOwnerId: true, resourceTeamId: true, purposes: true, maxDurationSeconds: true, requestable: true },
  });
  return row && { ...row, sensitivity: parseSensitivity(row.sensitivity) };
}

type Saving = { entitlementId: string; before: Definition; after: Definition; actor: Actor; now: Date; demo: boolean };

/** Writes what is said about a locked entitlement, with its event; answers whether anything was different. */
export async function saveDefinition(tx: Transaction, { entitlementId, before, after, actor, now, demo }: Saving): Promise<boolean> {
  const { name, description, sensitivity, resourceOwnerId, resourceTeamId, maxDurationSeconds, requestable } = after;
  const purposes = [...after.purposes];
  const data = { name, description, sensitivity, resourceOwnerId, resourceTeamId, purposes, maxDurationSeconds, requestable };
  const isSame = Object.entries(data).every(([field, value]) => JSON.stringify(before[field as keyof Definition]) === JSON.stringify(value));
  if (isSame) return false;
  await tx.entitlement.update({ where: { id: entitlementId }, data });
  await appendEvent(tx, {
    type: "entitlement.defined",
    at: now,
    actor,
    subjects: { entitlement: entitlementId },
    data: { sensitivity, resourceOwnerId, requestable, resourceTeamId, purposes, maxDurationSeconds },
    clear: { name, description },
    demo,
  });
  if (before.resourceOwnerId !== resourceOwnerId || before.resourceTeamId !== resourceTeamId) await enqueueReroute(tx, { entitlementIds: [entitlementId] });
  if (before.sensitivity !== sensitivity || before.requestable !== requestable) await scoreHoldersAnew(tx, entitlementId);
  return true;
}

const mostAtOnce = 10_000;

/** Exposure depends on it. Whoever is being changed right now, or stands beyond the limit, is scored anew within a day anyway. */
async function scoreHoldersAnew(tx: Transaction, entitlementId: string): Promise<void> {
  await tx.$executeRaw`
    update identities set scored_at = null where id in (
      select i.id from identities i where i.scored_at is not null
        and exists (select 1 from assignments a where a.identity_id = i.id and a.entitlement_id = ${entitlementId}::uuid and a.ended_at is null)
      order by i.id limit ${mostAtOnce}::int for no key update skip locked)`;
}

/** Lowers a sensitivity, once a second administrator agreed or there is none. What was changed since stays as it is. */
export async function applyLowering(
  tx: Transaction,
  { entitlementId, sensitivity }: { entitlementId: string; sensitivity: Sensitivity },
  { actor, now }: { actor: Actor; now: Date },
): Promise<Result<{ sensitivity: Sensitivity }, DefineRefusal>> {
  const before = await lockDefinition(tx, entitlementId);
  if (!before) return refuse("unknown-entitlement");
  await saveDefinition(tx, { entitlementId, before, after: { ...before, sensitivity }, actor, now, demo: false });
  return ok({ sensitivity });
}
