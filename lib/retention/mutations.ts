import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { isHeld, isPersonHeld, readRetentionDays } from "./data";
import { firstStep } from "./forgetting";
import { takeTurn } from "./turn";
import type { ForgetRefusal } from "./types";

const worker = { kind: "system", process: "worker" } as const;
/** Names and texts that one transaction erases. */
const batch = 5_000;

/** Lets names and free text beside events be erased after so many days; null: never. The worker does it. */
export function changeRetention({ actor, days }: { readonly actor: PersonActor; readonly days: number | null }): Promise<Result<{ days: number | null }, never>> {
  return inTransaction(async (tx, now) => {
    await takeTurn(tx);
    const fromDays = await readRetentionDays(tx);
    if (fromDays === days) return ok({ days });
    const rule = { days, changedAt: now, changedById: actor.personId };
    await tx.$executeRaw`
      insert into retention_rule (singleton, days, changed_at, changed_by_id) values (true, ${rule.days}::int, ${now}, ${actor.personId}::uuid)
      on conflict (singleton) do update set days = excluded.days, changed_at = excluded.changed_at, changed_by_id = excluded.changed_by_id`;
    await appendEvent(tx, { type: "retention.changed", at: now, actor, subjects: {}, data: { fromDays, toDays: days } });
    return ok({ days });
  });
}

async function eraseBatch(tx: Transaction, now: Date): Promise<number> {
  await takeTurn(tx);
  const days = await readRetentionDays(tx);
  if (days === null) return 0;
  const before = new Date(now.getTime() - days * 86_400_000);
  const erased = await tx.$executeRaw`
    delete from ledger.clear_value d using (
      select c.event_id, c.field from ledger.clear_value c join ledger.event e on e.id = c.event_id
      where e.occurred_at < ${before} and not ${isHeld} order by c.event_id limit ${batch}::int) old
    where d.event_id = old.event_id and d.field = old.field`;
  if (erased > 0) await appendEvent(tx, { type: "retention.erased", at: now, actor: worker, subjects: {}, data: { values: erased, before: before.toISOString() } });
  return erased;
}

/** The worker's turn: erases what was kept long enough and is not on hold. The events stay, and so does every proof. */
export async function eraseDue(): Promise<number> {
  let total = 0;
  for (;;) {
    const erased = await inTransaction(eraseBatch);
    total += erased;
    if (erased < batch) return total;
  }
}

type Holding = { readonly actor: PersonActor; readonly about: string; readonly reason: string };

/** Puts names and texts on hold: nothing of it is erased until the hold is lifted. */
export function makeHold({ actor, about, reason }: Holding): Promise<Result<{ holdId: string }, "unknown-subject">> {
  return inTransaction(async (tx, now) => {
    await takeTurn(tx);
    const [kind, id] = about === "everything" ? [null, null] : (about.split(":") as ["system" | "person", string]);
    if (kind === "system" && (await tx.system.count({ where: { id } })) === 0) return refuse("unknown-subject");
    if (kind === "person" && (await tx.person.count({ where: { id } })) === 0) return refuse("unknown-subject");
    const holdId = newId();
    await tx.legalHold.create({ data: { id: holdId, subjectKind: kind, subjectId: id, reason, madeAt: now, madeById: actor.personId } });
    const subjects = kind === null ? {} : { [kind]: id };
    await appendEvent(tx, { type: "retention.hold-made", at: now, actor, subjects, data: { holdId, everything: kind === null }, clear: { reason } });
    return ok({ holdId });
  });
}

/** Lifts a hold: what was kept long enough is erased at the worker's next turn. */
export function liftHold({ actor, holdId }: { readonly actor: PersonActor; readonly holdId: string }): Promise<Result<{ holdId: string }, "unknown-hold">> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.legalHold.updateMany({ where: { id: holdId, liftedAt: null }, data: { liftedAt: now, liftedById: actor.personId } });
    if (count === 0) return refuse("unknown-hold");
    await appendEvent(tx, { type: "retention.hold-lifted", at: now, actor, subjects: {}, data: { holdId } });
    return ok({ holdId });
  });
}

/**
 * Has a person who left forgotten: every name and text that is about them or that they wrote, their name, address and
 * sign-in. The worker erases it, in batches; events keep their bytes, and with them the salted hashes, so that every proof stays good.
 */
export function forgetPerson({ actor, personId }: { readonly actor: PersonActor; readonly personId: string }): Promise<Result<{ personId: string }, ForgetRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ personId: string }, ForgetRefusal>> => {
    await takeTurn(tx);
    const rows = await tx.$queryRaw<{ left_at: Date | null; forgotten_at: Date | null }[]>`select left_at, forgotten_at from people where id = ${personId}::uuid for update`;
    const person = rows[0];
    if (!person) return refuse("unknown-person");
    if (person.left_at === null) return refuse("still-here");
    if (person.forgotten_at !== null) return refuse("forgotten-already");
    const known = await tx.forgetting.findUnique({ where: { personId }, select: { state: true } });
    if (known?.state === "running") return refuse("being-forgotten");
    if (await isPersonHeld(tx, personId)) return refuse("on-hold");
    // From the beginning, also where it stopped: more may have been written since.
    const asked = { askedById: actor.personId, askedAt: now, state: "running", step: firstStep, after: null, changedAt: now };
    await tx.forgetting.upsert({ where: { personId }, create: { personId, ...asked }, update: asked });
    await appendEvent(tx, { type: "retention.forgetting-asked", at: now, actor, subjects: { person: personId }, data: { personId } });
    return ok({ personId });
  });
}
