import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { markLeft, markReturned } from "@/lib/people/leaving";
import { lockAdministrators } from "@/lib/people/roles";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { isTooMany, leavingWindowSeconds } from "./rules";
import type { StopRefusal } from "./types";

export const directory: Actor = { kind: "system", process: "directory" };

/** For this long, somebody who was kept by a refused stop is asked about again before they leave. */
const rememberKeptSeconds = 7 * 24 * 60 * 60;

type Leaving = {
  readonly tokenId: string;
  readonly personId: string;
  /** As `lockLeavings` answered them. */
  readonly administrators: readonly string[];
  readonly now: Date;
};

type Counts = { left: number; present: number; waiting: number; kept: number };

/**
 * What a leaving must hold before it locks a person: leavings of one directory are counted one after another, and everybody
 * who changes who is an administrator takes these locks in the same order. Answers the administrators.
 */
export async function lockLeavings(tx: Transaction, tokenId: string): Promise<string[]> {
  await tx.$queryRaw`select id from scim_tokens where id = ${tokenId}::uuid for update`;
  return lockAdministrators(tx);
}

async function countLeavings(tx: Transaction, { tokenId, personId, now }: Leaving): Promise<Counts> {
  const rows = await tx.$queryRaw<Counts[]>`
    select
      (select count(distinct l.person_id)::int from scim_leavings l join people p on p.id = l.person_id and p.left_at is not null
        where l.token_id = ${tokenId}::uuid and l.at > ${now}::timestamptz - make_interval(secs => ${leavingWindowSeconds})
          and l.at > coalesce((select max(s.decided_at) from leaving_stops s where s.token_id = l.token_id and s.state = 'applied'), '-infinity')) as left,
      (select count(*)::int from people where left_at is null) as present,
      (select count(*)::int from leaving_stops where token_id = ${tokenId}::uuid and why = 'mass' and state = 'waiting') as waiting,
      (select count(*)::int from parked_leavings k join leaving_stops s on s.id = k.stop_id
        where k.person_id = ${personId}::uuid and k.state = 'kept' and s.why = 'mass'
          and s.decided_at > ${now}::timestamptz - make_interval(secs => ${rememberKeptSeconds})) as kept`;
  return rows[0] ?? { left: 0, present: 0, waiting: 0, kept: 0 };
}

/**
 * The directory says that somebody left. They leave, unless it is too many in one go or nobody else is an administrator:
 * then the leaving is parked and an administrator is asked. Call it with the leavings and then the person locked.
 */
export async function leaveByDirectory(tx: Transaction, leaving: Leaving): Promise<"left" | "parked"> {
  const { tokenId, personId, administrators, now } = leaving;
  const counts = await countLeavings(tx, leaving);
  if (counts.waiting > 0 || counts.kept > 0 || isTooMany(counts)) {
    await park(tx, leaving, "mass", counts);
    return "parked";
  }
  if (administrators.length > 0 && administrators.every((id) => id === personId)) {
    await park(tx, leaving, "last-administrator", counts);
    return "parked";
  }
  await markLeft(tx, now, { personId, actor: directory });
  await tx.scimLeaving.create({ data: { id: newId(), tokenId, personId, at: now } });
  return "left";
}

async function park(tx: Transaction, { tokenId, personId, now }: Leaving, why: "mass" | "last-administrator", counts: Counts): Promise<void> {
  const waiting = await tx.leavingStop.findFirst({ where: { tokenId, why, state: "waiting" }, select: { id: true } });
  const stopId = waiting?.id ?? newId();
  if (!waiting) {
    const [leftBefore, presentCount] = [counts.left, counts.present + counts.left];
    await tx.leavingStop.create({ data: { id: stopId, tokenId, why, state: "waiting", stoppedAt: now, presentCount, leftBefore } });
    await appendEvent(tx, { type: "directory.stopped", at: now, actor: directory, subjects: {}, data: { stopId, tokenId, why, leftBefore, presentCount } });
  }
  const parked = { state: "parked", parkedAt: now };
  await tx.parkedLeaving.upsert({ where: { stopId_personId: { stopId, personId } }, create: { stopId, personId, ...parked }, update: parked });
  await appendEvent(tx, { type: "person.leaving-parked", at: now, actor: directory, subjects: { person: personId }, data: { personId, stopId, why } });
}

/** The directory says that somebody is here: a leaving that waits is taken back, and who has left comes back. */
export async function returnByDirectory(tx: Transaction, { personId, now }: Pick<Leaving, "personId" | "now">): Promise<void> {
  await tx.parkedLeaving.updateMany({ where: { personId, state: "parked" }, data: { state: "recalled" } });
  await endEmptyStops(tx, now);
  const person = await tx.person.findUnique({ where: { id: personId }, select: { leftAt: true } });
  if (person?.leftAt) await markReturned(tx, now, { personId, actor: directory });
}

/** A stop from which everybody was taken back asks nothing any more. */
async function endEmptyStops(tx: Transaction, now: Date): Promise<void> {
  await tx.leavingStop.updateMany({ where: { state: "waiting", parked: { none: { state: "parked" } } }, data: { state: "ended", decidedAt: now } });
}

type Deciding = { readonly actor: PersonActor; readonly stopId: string; readonly answer: "apply" | "refuse" };
type Decided = { readonly state: "applied" | "refused"; readonly people: number };

/**
 * An administrator's answer. Applied: everybody parked leaves now. Refused: they stay, and the directory is told again that
 * they are active; whoever had left before it stopped stays left until the directory says otherwise.
 */
export function decideStop({ actor, stopId, answer }: Deciding): Promise<Result<Decided, StopRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<Decided, StopRefusal>> => {
    const found = await tx.leavingStop.findUnique({ where: { id: stopId }, select: { tokenId: true } });
    if (!found) return refuse("unknown-stop");
    const administrators = await lockLeavings(tx, found.tokenId);
    if (!administrators.includes(actor.personId)) return refuse("no-longer-administrator");
    const stop = await tx.leavingStop.findUniqueOrThrow({ where: { id: stopId }, select: { state: true } });
    if (stop.state !== "waiting") return refuse("not-waiting");
    const parked = await tx.parkedLeaving.findMany({ where: { stopId, state: "parked" }, select: { personId: true }, orderBy: { personId: "asc" } });
    const ids = parked.map(({ personId }) => personId);
    if (answer === "refuse") return ok(await keep(tx, now, { actor, stopId, ids }));
    if (administrators.every((id) => ids.includes(id))) return refuse("last-administrator");
    return ok(await apply(tx, now, { actor, stopId, ids }));
  });
}

type Answered = { readonly actor: PersonActor; readonly stopId: string; readonly ids: readonly string[] };

async function settle(tx: Transaction, now: Date, { actor, stopId }: Answered, state: "applied" | "refused"): Promise<void> {
  await tx.leavingStop.update({ where: { id: stopId }, data: { state, decidedById: actor.personId, decidedAt: now } });
  await tx.parkedLeaving.updateMany({ where: { stopId, state: "parked" }, data: { state: state === "applied" ? "applied" : "kept" } });
}

async function apply(tx: Transaction, now: Date, answered: Answered): Promise<Decided> {
  const { actor, stopId, ids } = answered;
  await settle(tx, now, answered, "applied");
  let people = 0;
  for (const personId of ids) {
    const rows = await tx.$queryRaw<{ id: string }[]>`select id from people where id = ${personId}::uuid and left_at is null for update`;
    if (rows.length === 0) continue;
    await markLeft(tx, now, { personId, actor });
    people += 1;
  }
  await appendEvent(tx, { type: "directory.stop-applied", at: now, actor, subjects: {}, data: { stopId, left: people } });
  return { state: "applied", people };
}

async function keep(tx: Transaction, now: Date, answered: Answered): Promise<Decided> {
  const { actor, stopId, ids } = answered;
  await settle(tx, now, answered, "refused");
  await tx.scimUser.updateMany({ where: { personId: { in: [...ids] } }, data: { active: true, deletedAt: null, changedAt: now } });
  await appendEvent(tx, { type: "directory.stop-refused", at: now, actor, subjects: {}, data: { stopId, kept: ids.length } });
  return { state: "refused", people: ids.length };
}
