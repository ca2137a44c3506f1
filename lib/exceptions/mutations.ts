import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { parseIdentityState } from "@/lib/identities/data";
import { whyNotEdit } from "@/lib/identities/rules";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { endOfDay, latestEnd, remindDays, whyNotExcept } from "./rules";
import type { ExceptionEnd, ExceptionRefusal } from "./types";

const worker = { kind: "system", process: "worker" } as const;
const most = 200;
/** Each finding is an event: a batch of scores opens and closes this many of them at most. */
const mostFindings = 50;

type Making = {
  readonly actor: PersonActor;
  readonly assignmentId: string;
  readonly ownerId: string;
  readonly reason: string;
  readonly controls: string;
  /** The last day on which it holds, UTC. */
  readonly endsOn: string;
  readonly clock?: Clock;
  readonly demo?: boolean;
};

/** Answers for a standing assignment until a day. One that is open already is renewed: it ends, and the new one takes its place. */
export async function makeException(command: Making): Promise<Result<{ exceptionId: string; endsAt: Date }, ExceptionRefusal>> {
  const { actor, assignmentId, ownerId, reason, controls, endsOn, clock = databaseClock, demo = false } = command;
  const scan = await findSecrets(`${reason}\n${controls}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    const found = await lockAssignment(tx, assignmentId);
    const objection = found && whyNotEdit(found.identity, { personId: actor.personId, mayEditAny: allows(actor.roles, "identity:edit-any") });
    if (objection) return refuse(objection);
    const owner = await tx.person.findUnique({ where: { id: ownerId }, select: { leftAt: true } });
    const endsAt = endOfDay(endsOn);
    const code = whyNotExcept({ assignment: found, owner, endsAt }, now);
    if (code === "ends-too-late" && found) return refuse(code, { latest: new Date(latestEnd(found.sensitivity, now).getTime() - 1).toISOString().slice(0, 10) });
    if (code || !found) return refuse(code ?? "unknown-assignment");
    const before = await tx.standingException.findFirst({ where: { assignmentId, endedAt: null }, select: { id: true } });
    if (before) await end(tx, { id: before.id, found, why: "renewed", actor, now });
    const id = newId();
    await tx.standingException.create({ data: { id, assignmentId, ownerId, reason, controls, madeById: actor.personId, madeAt: now, endsAt, demo } });
    const data = { exceptionId: id, assignmentId, ownerId, endsAt: endsAt.toISOString(), renews: before?.id ?? null };
    await appendEvent(tx, { type: "exception.made", at: now, actor, subjects: subjectsOf(found), data, clear: { reason, controls }, demo });
    await closeFinding(tx, { key: sideDoorKey(assignmentId), actor, now });
    await tx.identity.update({ where: { id: found.identity.id }, data: { scoredAt: null } });
    return ok({ exceptionId: id, endsAt });
  }, clock);
}

/** Ends an exception before its time: what it answered for is a side door again. */
export function endException({ actor, exceptionId }: { actor: PersonActor; exceptionId: string }): Promise<Result<{ exceptionId: string }, ExceptionRefusal>> {
  return inTransaction(async (tx, now) => {
    const row = await tx.standingException.findUnique({ where: { id: exceptionId }, select: { assignmentId: true } });
    const found = row && (await lockAssignment(tx, row.assignmentId));
    if (!found) return refuse("unknown-assignment");
    const objection = whyNotEdit(found.identity, { personId: actor.personId, mayEditAny: allows(actor.roles, "identity:edit-any") });
    if (objection) return refuse(objection);
    const ended = await end(tx, { id: exceptionId, found, why: "ended-by-person", actor, now });
    return ended ? ok({ exceptionId }) : refuse("already-ended");
  });
}

type Found = NonNullable<Awaited<ReturnType<typeof lockAssignment>>>;

/** The identity's row first, as everybody else who changes both. */
async function lockAssignment(tx: Transaction, assignmentId: string) {
  const known = await tx.assignment.findUnique({ where: { id: assignmentId }, select: { identityId: true } });
  if (!known) return null;
  await tx.$queryRaw`select id from identities where id = ${known.identityId}::uuid for no key update`;
  await tx.$queryRaw`select id from assignments where id = ${assignmentId}::uuid for update`;
  const row = await tx.assignment.findUniqueOrThrow({
    where: { id: assignmentId },
    select: {
      id: true, kind: true, endedAt: true,
      identity: { select: { id: true, name: true, state: true, ownerId: true, sponsorId: true, backupId: true } },
      entitlement: { select: { id: true, name: true, sensitivity: true, systemId: true } },
    },
  });
  return { ...row, sensitivity: parseSensitivity(row.entitlement.sensitivity), identity: { ...row.identity, state: parseIdentityState(row.identity.state) } };
}

const subjectsOf = ({ identity, entitlement }: Found) => ({ identity: identity.id, entitlement: entitlement.id, system: entitlement.systemId });
const sideDoorKey = (assignmentId: string) => `side-door:${assignmentId}`;
const reminderKey = (exceptionId: string) => `exception-ends-soon:${exceptionId}`;

/** Ends an open exception with its event; whatever makes the assignment a side door again opens the finding at once. */
async function end(tx: Transaction, ending: { id: string; found: Found; why: ExceptionEnd; actor: Actor; now: Date }): Promise<boolean> {
  const { id, found, why, actor, now } = ending;
  const endedById = actor.kind === "person" ? actor.personId : null;
  const { count } = await tx.standingException.updateMany({ where: { id, endedAt: null }, data: { endedAt: now, endedWhy: why, endedById } });
  if (count === 0) return false;
  await appendEvent(tx, { type: "exception.ended", at: now, actor, subjects: subjectsOf(found), data: { exceptionId: id, assignmentId: found.id, why } });
  await closeFinding(tx, { key: reminderKey(id), actor, now });
  if (why === "lapsed" || why === "ended-by-person") await openSideDoor(tx, { ...found, actor, now });
  await tx.identity.update({ where: { id: found.identity.id }, data: { scoredAt: null } });
  return true;
}

type SideDoor = Pick<Found, "id"> & { identity: { id: string; name: string }; entitlement: { id: string; name: string; systemId: string }; actor: Actor; now: Date };

async function openSideDoor(tx: Transaction, { id, identity, entitlement, actor, now }: SideDoor): Promise<void> {
  await openFinding(tx, {
    kind: "side-door",
    key: sideDoorKey(id),
    title: `${identity.name} holds ${entitlement.name} all the time, and nobody answers for it`,
    detail: { assignmentId: id, entitlementId: entitlement.id },
    subjects: { identityId: identity.id, systemId: entitlement.systemId },
    actor,
    now,
  });
}

/** Ends what is over by the database's clock, and what it was made for is gone; answers how many. */
export async function lapseExceptions(): Promise<number> {
  const now = await databaseClock.now(db);
  const due = await db.standingException.findMany({
    where: { endedAt: null, OR: [{ endsAt: { lte: now } }, { assignment: { endedAt: { not: null } } }] },
    select: { id: true, assignmentId: true },
    orderBy: [{ endsAt: "asc" }, { id: "asc" }],
    take: most,
  });
  for (const { id, assignmentId } of due) {
    await inTransaction(async (tx, at) => {
      const found = await lockAssignment(tx, assignmentId);
      if (found) await end(tx, { id, found, why: found.endedAt === null ? "lapsed" : "assignment-gone", actor: worker, now: at });
    });
  }
  return due.length;
}

/** Opens a finding for each exception that ends soon, once. */
export async function remindOfExceptions(): Promise<number> {
  const now = await databaseClock.now(db);
  const due = await db.standingException.findMany({
    where: { endedAt: null, remindedAt: null, endsAt: { lte: new Date(now.getTime() + remindDays * 86_400_000) } },
    select: { id: true, assignmentId: true, endsAt: true },
    orderBy: [{ endsAt: "asc" }, { id: "asc" }],
    take: most,
  });
  for (const { id, assignmentId, endsAt } of due) {
    await inTransaction(async (tx, at) => {
      const found = await lockAssignment(tx, assignmentId);
      const { count } = await tx.standingException.updateMany({ where: { id, endedAt: null, remindedAt: null }, data: { remindedAt: at } });
      if (!found || count === 0) return;
      await openFinding(tx, {
        kind: "exception-ends-soon",
        key: reminderKey(id),
        title: `The standing exception of ${found.identity.name} for ${found.entitlement.name} ends on ${new Date(endsAt.getTime() - 1).toISOString().slice(0, 10)}`,
        detail: { exceptionId: id, assignmentId },
        subjects: { identityId: found.identity.id, systemId: found.entitlement.systemId },
        actor: worker,
        now: at,
      });
    });
  }
  return due.length;
}

/**
 * Over `assignments a` and `entitlements e`: held by Curfew's own accounts on that system and by no other credential of the
 * identity. They are a finding of their own, and the system's page says what they hold.
 */
const heldByCurfew = Prisma.sql`(
  exists (select 1 from credentials k where k.identity_id = a.identity_id and k.system_id = e.system_id and k.vanished_at is null and k.ours is not null)
  and not exists (select 1 from credentials k where k.identity_id = a.identity_id and k.system_id = e.system_id and k.vanished_at is null and k.ours is null))`;

type Door = { id: string; identity_id: string; identity: string; entitlement_id: string; entitlement: string; system_id: string };

/**
 * Opens and closes findings of side doors for some identities, whose rows the caller has locked: open where a standing
 * assignment has no exception and its entitlement can be had by grant, or where an exception was made before and is over.
 * Answers false where there is more than one transaction should carry: then it is to be called again.
 */
export async function reconcileSideDoors(tx: Transaction, identityIds: readonly string[], now: Date): Promise<boolean> {
  const doors = await tx.$queryRaw<Door[]>`
    select a.id, a.identity_id, i.name as identity, a.entitlement_id, e.name as entitlement, e.system_id
    from assignments a join identities i on i.id = a.identity_id join entitlements e on e.id = a.entitlement_id
    where a.identity_id = any(${[...identityIds]}::uuid[]) and a.kind = 'standing' and a.ended_at is null
      and not exists (select 1 from standing_exceptions x where x.assignment_id = a.id and x.ended_at is null)
      and (e.requestable or exists (select 1 from standing_exceptions x where x.assignment_id = a.id))
      and not ${heldByCurfew}
      and not exists (select 1 from findings f where f.dedupe_key = 'side-door:' || a.id::text)
    limit ${mostFindings}::int`;
  for (const door of doors) {
    const entitlement = { id: door.entitlement_id, name: door.entitlement, systemId: door.system_id };
    await openSideDoor(tx, { id: door.id, identity: { id: door.identity_id, name: door.identity }, entitlement, actor: worker, now });
  }
  const closed = await tx.$queryRaw<{ dedupe_key: string }[]>`
    select f.dedupe_key from findings f
    where f.identity_id = any(${[...identityIds]}::uuid[]) and f.kind = 'side-door' and f.closed_at is null
      and not exists (
        select 1 from assignments a join entitlements e on e.id = a.entitlement_id
        where 'side-door:' || a.id::text = f.dedupe_key and a.identity_id = f.identity_id and a.kind = 'standing' and a.ended_at is null
          and not exists (select 1 from standing_exceptions x where x.assignment_id = a.id and x.ended_at is null)
          and (e.requestable or exists (select 1 from standing_exceptions x where x.assignment_id = a.id))
          and not ${heldByCurfew})
    limit ${mostFindings}::int`;
  for (const { dedupe_key: key } of closed) await closeFinding(tx, { key, actor: worker, now });
  return doors.length < mostFindings && closed.length < mostFindings;
}
