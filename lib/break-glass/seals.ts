import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { stillHolds } from "./data";
import { isUnexplainedUse, whyNotCheck } from "./rules";
import type { SealOutcome } from "./types";

const worker: Actor = { kind: "system", process: "worker" };
const dayMs = 86_400_000;
const dueAfter = (from: Date, days: number) => new Date(from.getTime() + days * dayMs);

type RegisterSeal = {
  readonly actor: PersonActor;
  readonly name: string;
  readonly credentialId: string;
  readonly keptWhere: string;
  readonly holderId: string;
  readonly sealedAt: Date;
  readonly checkEveryDays: number;
  readonly clock?: Clock;
};
type RegisterRefusal = "secret-in-text" | "unknown-credential" | "unknown-person" | "sealed-in-future" | "already-sealed";

/** Registers a credential that is kept sealed outside Curfew: where and by whom, never what it is. */
export async function registerSeal(command: RegisterSeal): Promise<Result<{ sealedId: string }, RegisterRefusal>> {
  const scan = await findSecrets(`${command.name}\n${command.keptWhere}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now): Promise<Result<{ sealedId: string }, RegisterRefusal>> => {
    const { actor, credentialId, holderId, sealedAt, checkEveryDays, name, keptWhere } = command;
    const rows = await tx.$queryRaw<{ identity_id: string; system_id: string }[]>`
      select identity_id, system_id from credentials where id = ${credentialId}::uuid and vanished_at is null for update`;
    const [credential] = rows;
    if (!credential) return refuse("unknown-credential");
    if ((await tx.person.count({ where: { id: holderId, leftAt: null } })) === 0) return refuse("unknown-person");
    if (sealedAt > now) return refuse("sealed-in-future");
    if ((await tx.sealedCredential.count({ where: { credentialId, retiredAt: null } })) > 0) return refuse("already-sealed");
    const id = newId();
    await tx.sealedCredential.create({
      data: { id, name, credentialId, keptWhere, holderId, sealedAt, checkEveryDays, checkDueAt: dueAfter(sealedAt, checkEveryDays), registeredById: actor.personId, registeredAt: now },
    });
    await appendEvent(tx, {
      type: "break-glass.seal-registered",
      at: now,
      actor,
      subjects: { identity: credential.identity_id, system: credential.system_id },
      data: { sealedId: id, credentialId, holderId, sealedAt: sealedAt.toISOString(), checkEveryDays },
      clear: { name, keptWhere },
    });
    return ok({ sealedId: id });
  }, command.clock ?? databaseClock);
}

type LockedSeal = NonNullable<Awaited<ReturnType<typeof lockSeal>>>;

async function lockSeal(tx: Transaction, id: string) {
  const locked = await tx.$queryRaw<{ id: string }[]>`select id from sealed_credentials where id = ${id}::uuid for update`;
  if (locked.length === 0) return null;
  const row = await tx.sealedCredential.findUniqueOrThrow({
    where: { id },
    include: {
      credential: { select: { identityId: true, systemId: true, handle: true, lastUsedAt: true } },
      checks: { select: { checkedAt: true }, orderBy: { checkedAt: "desc" }, take: 1 },
    },
  });
  return { ...row, lastCheckedAt: row.checks[0]?.checkedAt ?? null };
}

const subjectsOfSeal = ({ credential }: LockedSeal) => ({ identity: credential.identityId, system: credential.systemId });
const overdueKey = (id: string) => `sealed-check-overdue:${id}`;
const usedKey = (id: string) => `sealed-credential-used:${id}`;

type CheckSeal = { readonly actor: PersonActor; readonly sealedId: string; readonly outcome: SealOutcome; readonly note: string; readonly clock?: Clock };
type CheckRefusal = "unknown-seal" | "own-seal" | "retired" | "no-role" | "secret-in-text";

/** Somebody who does not hold the seals' numbers looked. What was seen until now is explained, unless the seal is broken and stays so. */
export async function checkSeal(command: CheckSeal): Promise<Result<{ checkDueAt: Date }, CheckRefusal>> {
  const scan = await findSecrets(command.note);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx): Promise<Result<{ checkDueAt: Date }, CheckRefusal>> => {
    const seal = await lockSeal(tx, command.sealedId);
    if (!seal) return refuse("unknown-seal");
    const now = await clock.now(tx);
    const { actor, outcome, note } = command;
    if (!(await stillHolds(tx, actor.personId, holdersOf("break-glass:check-seal")))) return refuse("no-role");
    const code = whyNotCheck(seal, actor.personId);
    if (code) return refuse(code);
    const checkDueAt = dueAfter(now, seal.checkEveryDays);
    await tx.sealedCheck.create({ data: { id: newId(), sealedId: seal.id, personId: actor.personId, checkedAt: now, outcome, note } });
    const isSealed = outcome !== "broken";
    await tx.sealedCredential.update({
      where: { id: seal.id },
      data: { checkDueAt, overdueAt: null, ...(isSealed ? { usedAt: null } : {}), ...(outcome === "resealed" ? { sealedAt: now } : {}) },
    });
    await appendEvent(tx, { type: "break-glass.seal-checked", at: now, actor, subjects: subjectsOfSeal(seal), data: { sealedId: seal.id, outcome }, clear: { note } });
    await closeFinding(tx, { key: overdueKey(seal.id), actor, now });
    if (isSealed) await closeFinding(tx, { key: usedKey(seal.id), actor, now });
    else await openUsed(tx, seal, { actor, now, title: `The seal of ${seal.name} is broken` });
    return ok({ checkDueAt });
  }, clock);
}

/** A sealed credential that is no longer kept: nothing is checked any more. */
export function retireSeal({ actor, sealedId, clock = databaseClock }: { readonly actor: PersonActor; readonly sealedId: string; readonly clock?: Clock }): Promise<Result<{ state: "retired" }, "unknown-seal" | "retired">> {
  return inTransaction(async (tx): Promise<Result<{ state: "retired" }, "unknown-seal" | "retired">> => {
    const seal = await lockSeal(tx, sealedId);
    if (!seal) return refuse("unknown-seal");
    if (seal.retiredAt !== null) return refuse("retired");
    const now = await clock.now(tx);
    await tx.sealedCredential.update({ where: { id: sealedId }, data: { retiredAt: now } });
    await appendEvent(tx, { type: "break-glass.seal-retired", at: now, actor, subjects: subjectsOfSeal(seal), data: { sealedId } });
    for (const key of [overdueKey(sealedId), usedKey(sealedId)]) await closeFinding(tx, { key, actor, now });
    return ok({ state: "retired" as const });
  }, clock);
}

/** Looks for checks that nobody made and for sign-ins that nobody explained; answers how many are new. */
export async function lookAtSeals(clock: Clock = databaseClock): Promise<number> {
  const due = await inTransaction(
    (tx, now) => tx.$queryRaw<{ id: string }[]>`
      select s.id from sealed_credentials s join credentials c on c.id = s.credential_id
      where s.retired_at is null and ((s.overdue_at is null and s.check_due_at <= ${now}::timestamptz)
        or (c.last_used_at > s.sealed_at and c.last_used_at > coalesce(s.used_at, 'epoch')
          and c.last_used_at > coalesce((select max(k.checked_at) from sealed_checks k where k.sealed_id = s.id), 'epoch')))
      order by s.id limit 200`,
    clock,
  );
  for (const { id } of due) await inTransaction((tx) => lookAtSeal(tx, id, clock), clock);
  return due.length;
}

async function lookAtSeal(tx: Transaction, id: string, clock: Clock): Promise<void> {
  const seal = await lockSeal(tx, id);
  if (!seal || seal.retiredAt !== null) return;
  const now = await clock.now(tx);
  const { lastUsedAt } = seal.credential;
  if (lastUsedAt !== null && isUnexplainedUse(seal, lastUsedAt) && (seal.usedAt === null || seal.usedAt < lastUsedAt)) {
    await tx.sealedCredential.update({ where: { id }, data: { usedAt: lastUsedAt } });
    await appendEvent(tx, { type: "break-glass.seal-used", at: now, actor: worker, subjects: subjectsOfSeal(seal), data: { sealedId: id, usedAt: lastUsedAt.toISOString() } });
    await openUsed(tx, seal, { actor: worker, now, title: `The sealed credential ${seal.name} was used` });
  }
  if (seal.overdueAt === null && seal.checkDueAt <= now) await sayOverdue(tx, seal, now);
}

async function openUsed(tx: Transaction, seal: LockedSeal, { actor, now, title }: { readonly actor: Actor; readonly now: Date; readonly title: string }): Promise<void> {
  const { identityId, systemId, handle } = seal.credential;
  await openFinding(tx, { kind: "sealed-credential-used", key: usedKey(seal.id), title, detail: { sealedId: seal.id, handle }, subjects: { identityId, systemId }, actor, now });
}

async function sayOverdue(tx: Transaction, seal: LockedSeal, now: Date): Promise<void> {
  const { identityId, systemId } = seal.credential;
  await tx.sealedCredential.update({ where: { id: seal.id }, data: { overdueAt: now } });
  await appendEvent(tx, { type: "break-glass.seal-overdue", at: now, actor: worker, subjects: subjectsOfSeal(seal), data: { sealedId: seal.id, dueAt: seal.checkDueAt.toISOString() } });
  const title = `Nobody has looked at the sealed credential ${seal.name}`;
  await openFinding(tx, { kind: "sealed-check-overdue", key: overdueKey(seal.id), title, detail: { sealedId: seal.id }, subjects: { identityId, systemId }, actor: worker, now });
}
