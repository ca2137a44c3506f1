import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { sensitivities } from "@/lib/entitlements/types";
import { wordsIn, type Reading } from "./pace";

/** Notes that somebody who is asked has a request on screen: from here on their time counts. What changed since is read anew. */
export function lookAt(command: { readonly actor: PersonActor; readonly requestId: string; readonly version: number; readonly clock?: Clock }): Promise<boolean> {
  const { actor, requestId, version } = command;
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx) => {
    const now = await clock.now(tx);
    const count = await tx.$executeRaw`
      insert into request_looks (request_id, person_id, version, first_at, last_at)
      select r.id, ${actor.personId}::uuid, r.version, ${now}::timestamptz, ${now}::timestamptz from requests r
      where r.id = ${requestId}::uuid and r.version = ${version}::int and r.state = 'pending'
        and exists (select from stages s join stage_members m on m.stage_id = s.id where s.request_id = r.id and m.person_id = ${actor.personId}::uuid and m.removed_at is null)
      on conflict (request_id, person_id) do update set last_at = excluded.last_at,
        first_at = case when request_looks.version = excluded.version then request_looks.first_at else excluded.first_at end, version = excluded.version`;
    return count > 0;
  }, clock);
}

/** How long a person has had this version of a request before them; null when never. */
export async function readTookMs(tx: Transaction, about: { readonly requestId: string; readonly personId: string; readonly version: number; readonly now: Date }): Promise<number | null> {
  const { requestId, personId, version, now } = about;
  const look = await tx.requestLook.findUnique({ where: { requestId_personId: { requestId, personId } }, select: { firstAt: true, version: true } });
  return look?.version === version ? Math.max(0, now.getTime() - look.firstAt.getTime()) : null;
}

/** How much there is to read about a request. */
export async function readReading(tx: Transaction, requestId: string): Promise<Reading> {
  const { intent, identityId, ticketKey, entitlements } = await tx.request.findUniqueOrThrow({
    where: { id: requestId },
    select: {
      intent: true, identityId: true, ticketKey: true,
      entitlements: { where: { leftOutAt: null }, select: { entitlementId: true, entitlement: { select: { sensitivity: true, privileges: true } } } },
    },
  });
  const same = { identityId, entitlementId: { in: entitlements.map(({ entitlementId }) => entitlementId) } };
  const earlier = await tx.grant.findMany({ where: { ...same, activatedAt: { not: null } }, select: { id: true }, take: 5 });
  const standing = await tx.assignment.findMany({ where: { ...same, kind: "standing", endedAt: null }, select: { id: true }, take: 5 });
  const levels = entitlements.map(({ entitlement }) => parseSensitivity(entitlement.sensitivity));
  const privileges = entitlements.reduce((sum, { entitlement }) => sum + (Array.isArray(entitlement.privileges) ? entitlement.privileges.length : 0), 0);
  return {
    sensitivity: sensitivities.findLast((level) => levels.includes(level)) ?? "critical",
    facts: entitlements.length + privileges + earlier.length + standing.length + (ticketKey === null ? 0 : 1),
    words: wordsIn(intent),
  };
}

/** Keeps for the voter alone how long they took. */
export async function keepTook(tx: Transaction, about: { readonly requestId: string; readonly personId: string; readonly tookMs: number | null }): Promise<void> {
  const { requestId, personId, tookMs } = about;
  if (tookMs === null) return;
  await tx.requestLook.updateMany({ where: { requestId, personId }, data: { tookMs: Math.min(tookMs, 2_147_483_647) } });
}
