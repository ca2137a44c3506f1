import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { tellOffered } from "@/lib/notifications/occasions";
import { settleNotices } from "@/lib/notifications/telling";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { lockHandOver, parsePlace, readCandidates, type LockedHandOver } from "./data";
import { dueForHandOver, nextOffer } from "./rules";
import type { Place } from "./types";

const worker: Actor = { kind: "system", process: "worker" };
/** What one transaction starts at most; the worker starts the rest. */
const mostAtOnce = 200;

type Empty = { identity_id: string; place: string; leaver_id: string };

/** Places that are still held by somebody who left, and whose hand-over has not started. */
async function emptyPlaces(tx: Transaction, personId: string | null, most: number): Promise<Empty[]> {
  return tx.$queryRaw<Empty[]>`
    select held.id as identity_id, held.place, p.id as leaver_id
    from people p cross join lateral (
      select i.id, 'owner' as place, i.state, i.vanished_at from identities i where i.owner_id = p.id
      union all select i.id, 'sponsor', i.state, i.vanished_at from identities i where i.sponsor_id = p.id
      union all select i.id, 'backup', i.state, i.vanished_at from identities i where i.backup_id = p.id
    ) held
    where p.left_at is not null and (${personId}::uuid is null or p.id = ${personId}::uuid)
      and held.state <> 'offboarded' and held.vanished_at is null
      and not exists (select from hand_overs h where h.identity_id = held.id and h.place = held.place
        and h.leaver_id = p.id and h.started_at >= p.left_at)
    order by held.place = 'owner' desc, held.id limit ${most}::int`;
}

/**
 * Starts the hand-over of every place that somebody who left still holds. In the transaction of the leaving for up to 200
 * places; the worker starts what is beyond, and what was ever missed.
 */
export async function startHandOvers(tx: Transaction, now: Date, { personId, actor }: { readonly personId: string | null; readonly actor: Actor }): Promise<number> {
  const places = await emptyPlaces(tx, personId, mostAtOnce);
  for (const empty of places) await start(tx, now, { identityId: empty.identity_id, place: parsePlace(empty.place), leaverId: empty.leaver_id, actor });
  return places.length;
}

async function start(tx: Transaction, now: Date, { identityId, place, leaverId, actor }: { identityId: string; place: Place; leaverId: string; actor: Actor }): Promise<void> {
  await tx.$queryRaw`select id from identities where id = ${identityId}::uuid for no key update`;
  const id = newId();
  const stepSeconds = env.handOverStepSeconds;
  // Whatever runs for this place is about somebody who does not hold it any more.
  for (const { id: earlier } of await tx.handOver.findMany({ where: { identityId, place, state: "offered" }, select: { id: true } })) {
    const handOver = await lockHandOver(tx, earlier);
    if (handOver && handOver.leaverId !== leaverId) await end(tx, handOver, "named-by-person", now);
  }
  const inserted = await tx.$queryRaw<{ id: string }[]>`
    insert into hand_overs (id, identity_id, place, leaver_id, state, step, started_at, deadline, step_seconds)
    values (${id}::uuid, ${identityId}::uuid, ${place}, ${leaverId}::uuid, 'offered', 'backup', ${now}, ${now}, ${stepSeconds}::int)
    on conflict (identity_id, place) where state = 'offered' do nothing returning id`;
  const handOver = inserted.length > 0 ? await lockHandOver(tx, id) : null;
  if (!handOver) return;
  await tx.identity.update({ where: { id: identityId }, data: { scoredAt: null } });
  const data = { handOverId: id, place, leaverId };
  await appendEvent(tx, { type: "hand-over.started", at: now, actor, ...aboutIdentity(handOver), data });
  await offerNext(tx, { ...handOver, step: null }, now);
}

const aboutIdentity = ({ identity, leaverId }: LockedHandOver) => ({ subjects: { identity: identity.id, person: leaverId }, demo: identity.demo });

/** Asks the next in line; with nobody left to ask, the hand-over has failed. */
export async function offerNext(tx: Transaction, handOver: LockedHandOver, now: Date): Promise<void> {
  const { id, identity, place } = handOver;
  const deadline = new Date(now.getTime() + handOver.stepSeconds * 1_000);
  const asked = handOver.offers.map(({ personId }) => personId);
  await tx.handOverOffer.updateMany({ where: { handOverId: id, answer: null }, data: { answer: "missed", answeredAt: now } });
  // The owner's place may go to the sponsor or backup; the other places are worth nothing in the owner's hands.
  const others = place === "owner" ? [] : [identity.ownerId, identity.sponsorId].flatMap((held) => held ?? []);
  const candidates = await readCandidates(tx, identity, deadline);
  const next = nextOffer({ place, after: handOver.step, candidates, excluded: [...asked, ...others, handOver.leaverId] });
  if (!next) return fail(tx, handOver, asked, now);
  await tx.handOver.update({ where: { id }, data: { step: next.step, deadline } });
  await tx.handOverOffer.createMany({ data: next.personIds.map((personId) => ({ handOverId: id, personId, step: next.step, offeredAt: now })) });
  const data = { handOverId: id, place, step: next.step, offeredTo: [...next.personIds], deadline: deadline.toISOString() };
  await appendEvent(tx, { type: "hand-over.offered", at: now, actor: worker, ...aboutIdentity(handOver), data });
  await tellOffered(tx, now, { id, place, leaverId: handOver.leaverId, identity, step: next.step }, next.personIds, deadline);
}

async function end(tx: Transaction, handOver: LockedHandOver, why: string, now: Date): Promise<void> {
  await tx.handOver.update({ where: { id: handOver.id }, data: { state: "ended", endedAt: now, endedWhy: why } });
  await settleNotices(tx, now, { about: `hand-over:${handOver.id}` });
  await tx.handOverOffer.updateMany({ where: { handOverId: handOver.id, answer: null }, data: { answer: "void", answeredAt: now } });
  const data = { handOverId: handOver.id, place: handOver.place, why };
  await appendEvent(tx, { type: "hand-over.ended", at: now, actor: worker, ...aboutIdentity(handOver), data });
}

async function fail(tx: Transaction, handOver: LockedHandOver, asked: readonly string[], now: Date): Promise<void> {
  const { id, identity, place, leaverId } = handOver;
  await tx.handOver.update({ where: { id }, data: { state: "failed", endedAt: now } });
  await settleNotices(tx, now, { about: `hand-over:${id}` });
  const data = { handOverId: id, place, leaverId, asked: [...asked] };
  await appendEvent(tx, { type: "hand-over.failed", at: now, actor: worker, ...aboutIdentity(handOver), data });
  const isOwner = place === "owner";
  await openFinding(tx, {
    kind: isOwner ? "orphaned-identity" : "place-left-empty",
    key: `hand-over:${id}`,
    title: isOwner ? "Nobody took over from an owner who left: new grants are frozen" : `Nobody took over from a ${place} who left`,
    detail: { handOverId: id, place },
    subjects: { identityId: identity.id },
    actor: worker,
    now,
  });
  if (isOwner) await orphan(tx, identity.id, now);
}

/** Nobody answers for it any more: no new grants. What is live runs to its end. */
async function orphan(tx: Transaction, identityId: string, now: Date): Promise<void> {
  const { state, demo } = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { state: true, demo: true } });
  // Suspended and offboarded say more; a suspended one becomes an orphan when it is resumed.
  if (["orphaned", "suspended", "offboarded"].includes(state)) return;
  await tx.identity.update({ where: { id: identityId }, data: { state: "orphaned", ownerId: null, scoredAt: null } });
  await appendEvent(tx, { type: "identity.state-changed", at: now, actor: worker, subjects: { identity: identityId }, data: { from: state, to: "orphaned" }, demo });
}

type Due = { id: string };

async function dueHandOvers(now: Date, most: number): Promise<string[]> {
  return inTransaction(async (tx) => {
    const rows = await tx.$queryRaw<Due[]>`
      select h.id from hand_overs h join identities i on i.id = h.identity_id join people p on p.id = h.leaver_id
      where h.state = 'offered' and (
        h.deadline <= ${now}::timestamptz or p.left_at is null or i.vanished_at is not null or i.state = 'offboarded'
        or h.leaver_id is distinct from (case h.place when 'owner' then i.owner_id when 'sponsor' then i.sponsor_id else i.backup_id end)
        or not exists (select from hand_over_offers o join people asked on asked.id = o.person_id
          where o.hand_over_id = h.id and o.answer is null and asked.left_at is null))
      order by h.deadline limit ${most}::int`;
    return rows.map(({ id }) => id);
  });
}

/** Takes one hand-over to where it belongs now; judged again under its lock, so that any number of workers may try. */
function advance(id: string, clock: Clock): Promise<boolean> {
  return inTransaction(async (tx) => {
    const handOver = await lockHandOver(tx, id);
    if (handOver?.state !== "offered") return false;
    const now = await clock.now(tx);
    const due = dueForHandOver(handOver, now);
    if (due === "wait") return false;
    if (due === "next") await offerNext(tx, handOver, now);
    else await end(tx, handOver, due, now);
    return true;
  }, clock);
}

/** A suspended identity that is resumed after its hand-over failed becomes an orphan then. */
async function orphanLate(now: Date, most: number): Promise<void> {
  const rows = await inTransaction((tx) => tx.$queryRaw<Due[]>`
    select i.id from hand_overs h join identities i on i.id = h.identity_id and i.owner_id = h.leaver_id
      join people p on p.id = h.leaver_id and p.left_at <= h.started_at
    where h.state = 'failed' and h.place = 'owner' and i.state in ('active', 'dormant', 'stale', 'unowned') limit ${most}::int`);
  for (const { id } of rows) {
    await inTransaction(async (tx) => {
      await tx.$queryRaw`select id from identities where id = ${id}::uuid for no key update`;
      await orphan(tx, id, now);
    });
  }
}

/**
 * What the worker does again and again: starts what has not started, moves on what is due, by the database's clock. Each
 * hand-over is one transaction; doing it twice changes nothing.
 */
export async function advanceHandOvers(most = 200, clock: Clock = databaseClock): Promise<number> {
  const now = await inTransaction(async (tx, at) => {
    await startHandOvers(tx, at, { personId: null, actor: worker });
    return at;
  }, clock);
  let moved = 0;
  for (const id of await dueHandOvers(now, most)) if (await advance(id, clock)) moved += 1;
  await orphanLate(now, most);
  return moved;
}
