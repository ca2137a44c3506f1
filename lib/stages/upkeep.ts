import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { lockRequest, type LockedRequest } from "@/lib/requests/data";
import { closeRequest } from "@/lib/requests/mutations";
import { enqueueReroute } from "@/lib/worker/enqueue";
import { tellAbout } from "./asking";
import { escalate, reroute } from "./routing";
import { dueFor } from "./rules";

const worker: Actor = { kind: "system", process: "worker" };
type Id = { readonly id: string };

/** Whose change concerns requests that wait: people, teams, entitlements whose owners changed. */
export type Rerouting = { readonly personIds?: readonly string[]; readonly teamIds?: readonly string[]; readonly entitlementIds?: readonly string[] };

/**
 * Brings the waiting requests that a change of people concerns up to date: each in a transaction of its own, so many at a time;
 * a job goes on behind the last of them. Doing it twice changes nothing.
 */
export async function rerouteWaiting(about: Rerouting & { readonly after?: string | null }, most = 100, clock: Clock = databaseClock): Promise<number> {
  const ids = await inTransaction((tx) => concernedRequests(tx, about, most));
  for (const id of ids) await inTransaction((tx) => rerouteOne(tx, id, clock), clock);
  const last = ids.at(-1);
  if (last !== undefined && ids.length === most) await inTransaction((tx) => enqueueReroute(tx, { ...about, after: last }));
  return ids.length;
}

async function concernedRequests(tx: Transaction, { personIds = [], teamIds = [], entitlementIds = [], after = null }: Rerouting & { after?: string | null }, most: number): Promise<string[]> {
  const rows = await tx.$queryRaw<Id[]>`
    with named as (
      select 'person:' || id as key from unnest(${[...personIds]}::uuid[]) id
      union select word || ':' || id from unnest(${[...teamIds]}::uuid[]) id, unnest(array['team', 'on-call']) word
      union select 'entitlement:' || id from unnest(${[...entitlementIds]}::uuid[]) id
      union select word || ':' || m.team_id from team_members m, unnest(array['team', 'on-call']) word where m.person_id = any(${[...personIds]}::uuid[])
      union select 'role:' || r.role from person_roles r where r.person_id = any(${[...personIds]}::uuid[])
    ), concerned as (
      select s.request_id as id from stages s where s.state in ('open', 'waiting') and s.asks && (select array_agg(key) from named)
      union select s.request_id from stage_members m join stages s on s.id = m.stage_id and s.state in ('open', 'waiting')
        where m.removed_at is null and (m.person_id = any(${[...personIds]}::uuid[]) or m.seat_of_id = any(${[...personIds]}::uuid[]))
      union select d.request_id from side_members d where d.person_id = any(${[...personIds]}::uuid[])
    )
    select r.id from requests r join concerned c on c.id = r.id
    where r.state = 'pending' and (${after}::uuid is null or r.id > ${after}::uuid) order by r.id limit ${most}::int`;
  return rows.map(({ id }) => id);
}

async function rerouteOne(tx: Transaction, id: string, clock: Clock): Promise<void> {
  const request = await lockRequest(tx, id);
  if (request?.state === "pending") await reroute(tx, request, await clock.now(tx), "worker");
}

/** Requests in which a shift, an absence or a delegation has begun or ended meanwhile; answers how many. */
export async function rerouteDue(most = 100, clock: Clock = databaseClock): Promise<number> {
  const rows = await inTransaction((tx, now) => tx.$queryRaw<Id[]>`
    select id from requests where state = 'pending' and reroute_at <= ${now}::timestamptz order by reroute_at limit ${most}::int`, clock);
  for (const { id } of rows) await inTransaction((tx) => rerouteOne(tx, id, clock), clock);
  return rows.length;
}

/**
 * What the time of stages asks for, by the database's clock: reminders, escalations, lapses. A worker that was away does the
 * last of what it missed; doing it twice changes nothing. Answers how many stages moved.
 */
export async function advanceStages(most = 200, clock: Clock = databaseClock): Promise<number> {
  const rows = await inTransaction((tx, now) => tx.$queryRaw<{ id: string; request_id: string }[]>`
    select s.id, s.request_id from stages s join requests r on r.id = s.request_id and r.state = 'pending'
    where s.state = 'open' and ((s.remind_at <= ${now}::timestamptz and s.reminded_at is null) or s.due_at <= ${now}::timestamptz)
    order by coalesce(s.due_at, s.remind_at) limit ${most}::int`, clock);
  let moved = 0;
  for (const { id, request_id: requestId } of rows) {
    if (await inTransaction((tx) => advanceStage(tx, requestId, id, clock), clock)) moved += 1;
  }
  return moved;
}

async function advanceStage(tx: Transaction, requestId: string, stageId: string, clock: Clock): Promise<boolean> {
  const locked = await lockRequest(tx, requestId);
  if (locked?.state !== "pending") return false;
  const now = await clock.now(tx);
  // Over as a whole: that lapses it, and says so.
  if (locked.decideBefore <= now) return false;
  const request = await reroute(tx, locked, now, "worker");
  const stage = request.stages.find(({ id }) => id === stageId);
  const due = stage ? dueFor(stage, now) : null;
  if (!stage || due === null) return false;
  if (due === "remind") await remind(tx, request, stage, now);
  else if (due === "escalate") await reroute(tx, await escalate(tx, request, stageId, { now, process: "worker", why: "time-over" }), now, "worker");
  else await lapse(tx, request, now);
  return true;
}

async function remind(tx: Transaction, request: LockedRequest, stage: LockedRequest["stages"][number], now: Date): Promise<void> {
  await tx.stage.update({ where: { id: stage.id }, data: { remindedAt: now } });
  const voted = request.stages.flatMap(({ approvals }) => approvals);
  const people = stage.members.filter((id) => !voted.includes(id));
  await appendEvent(tx, {
    type: "request.reminded",
    at: now,
    actor: worker,
    subjects: { request: request.id, identity: request.identityId },
    data: { stage: stage.position, waitingFor: people.length, dueAt: (stage.dueAt ?? request.decideBefore).toISOString() },
    demo: request.demo,
  });
  await tellAbout(tx, request, { kind: "request-reminder", people, now });
}

async function lapse(tx: Transaction, request: LockedRequest, now: Date): Promise<void> {
  await closeRequest(tx, request, "lapsed", now);
  const why = request.unroutableSince === null ? ("stage-not-decided-in-time" as const) : ("nobody-left-to-decide" as const);
  await appendEvent(tx, { type: "request.lapsed", at: now, actor: worker, subjects: { request: request.id, identity: request.identityId }, data: { why }, demo: request.demo });
}
