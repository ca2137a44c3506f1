import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { lockAdministrators } from "@/lib/people/roles";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { whyNotRemoveLost } from "./rules";
import type { Assertion } from "./schema";
import { beginStepUp, finishStepUp, type StepUpOptions } from "./step-up";
import type { PasskeyRefusal } from "./types";

type Own = { readonly actor: PersonActor; readonly signInId: string; readonly passkeyId: string };

const removing = (personId: string, passkeyId: string) => ({ action: "passkey.remove", personId, passkeyId });

type Locked = { readonly id: string; readonly personId: string; readonly name: string };

async function lockPasskey(tx: Transaction, passkeyId: string): Promise<Locked | null> {
  const rows = await tx.$queryRaw<Locked[]>`
    select id, person_id as "personId", name from passkeys where id = ${passkeyId}::uuid and revoked_at is null for update`;
  return rows[0] ?? null;
}

/** Gives one's own passkey another name. */
export async function renamePasskey({ actor, passkeyId, name }: Omit<Own, "signInId"> & { readonly name: string }): Promise<Result<{ name: string }, PasskeyRefusal>> {
  if ((await findSecrets(name)).found) return refuse("secret-in-text");
  return inTransaction(async (tx, now) => {
    const passkey = await lockPasskey(tx, passkeyId);
    if (passkey?.personId !== actor.personId) return refuse("passkey-gone");
    if (passkey.name === name) return ok({ name });
    await tx.passkey.update({ where: { id: passkeyId }, data: { name } });
    const data = { personId: actor.personId, passkeyId };
    await appendEvent(tx, { type: "passkey.renamed", at: now, actor, subjects: { person: actor.personId }, data, clear: { name } });
    return ok({ name });
  });
}

/** Asks for a passkey of one's own, any of them, to remove one. */
export function beginRemove({ actor, signInId, passkeyId }: Own): Promise<Result<{ options: StepUpOptions }, PasskeyRefusal>> {
  return inTransaction(async (tx, now) => {
    const passkey = await lockPasskey(tx, passkeyId);
    if (passkey?.personId !== actor.personId) return refuse("passkey-gone");
    return beginStepUp(tx, now, { personId: actor.personId, signInId, payload: removing(actor.personId, passkeyId) });
  });
}

/** Removes one's own passkey, confirmed with a passkey. */
export function removePasskey({ actor, signInId, passkeyId, response }: Own & { readonly response: Assertion }): Promise<Result<{ removed: string }, PasskeyRefusal>> {
  const { personId } = actor;
  return inTransaction(async (tx, now): Promise<Result<{ removed: string }, PasskeyRefusal>> => {
    const passkey = await lockPasskey(tx, passkeyId);
    if (passkey?.personId !== personId) return refuse("passkey-gone");
    const proof = await finishStepUp(tx, now, { personId, signInId, payload: removing(personId, passkeyId), response });
    if (!proof.ok) return proof;
    await markRemoved(tx, now, { passkey, actor, proofId: proof.value.id });
    return ok({ removed: passkeyId });
  });
}

/**
 * Removes a passkey whose device is lost, without using one: an administrator somebody else's. The only administrator one of
 * their own, from a fresh sign-in, since nobody else could.
 */
export async function removeLostPasskey(command: Own & { readonly reason: string }): Promise<Result<{ removed: string }, PasskeyRefusal>> {
  const { actor, signInId, passkeyId, reason } = command;
  if ((await findSecrets(reason)).found) return refuse("secret-in-text");
  return inTransaction(async (tx, now): Promise<Result<{ removed: string }, PasskeyRefusal>> => {
    const administrators = await lockAdministrators(tx);
    const passkey = await lockPasskey(tx, passkeyId);
    if (!passkey) return refuse("passkey-gone");
    const signIn = await tx.signIn.findUnique({ where: { id: signInId }, select: { createdAt: true } });
    const signedInAt = signIn?.createdAt ?? new Date(0);
    const code = whyNotRemoveLost({ actorId: actor.personId, personId: passkey.personId, administrators, signedInAt, now });
    if (code) return refuse(code);
    await markRemoved(tx, now, { passkey, actor, proofId: null, reason });
    return ok({ removed: passkeyId });
  });
}

/**
 * Takes back every passkey of somebody who leaves, or who comes back with one that was never taken back, in the caller's
 * transaction. Whoever comes back adds new ones.
 */
export async function revokePasskeys(tx: Transaction, now: Date, { personId, actor }: { readonly personId: string; readonly actor: Actor }): Promise<void> {
  const rows = await tx.$queryRaw<{ id: string }[]>`select id from passkeys where person_id = ${personId}::uuid and revoked_at is null order by id for update`;
  const passkeyIds = rows.map(({ id }) => id);
  if (passkeyIds.length === 0) return;
  await tx.passkey.updateMany({ where: { id: { in: passkeyIds } }, data: { revokedAt: now, revokedWhy: "left" } });
  await appendEvent(tx, { type: "passkey.revoked", at: now, actor, subjects: { person: personId }, data: { personId, passkeyIds } });
}

type Removal = { readonly passkey: Locked; readonly actor: PersonActor; readonly proofId: string | null; readonly reason?: string };

async function markRemoved(tx: Transaction, now: Date, { passkey, actor, proofId, reason }: Removal): Promise<void> {
  await tx.passkey.update({ where: { id: passkey.id }, data: { revokedAt: now, revokedWhy: "removed" } });
  if (proofId) await tx.stepUpUse.create({ data: { proofId, usedFor: "removal", usedBy: passkey.id } });
  const data = { personId: passkey.personId, passkeyId: passkey.id, proofId };
  await appendEvent(tx, { type: "passkey.removed", at: now, actor, subjects: { person: passkey.personId }, data, clear: { name: passkey.name, reason } });
}
