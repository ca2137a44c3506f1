import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { lockGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueue } from "@/lib/worker/enqueue";
import { lockSuspension, readLiveCredentials, readOwnerSide, readSuspendFacts, type LockedSuspension } from "./data";
import { settleUndoneOutside } from "./outside";
import { canUndo, maySuspend, whyNotSuspend } from "./rules";
import type { SuspendForm } from "./schema";
import type { OpenConnections, SuspendRefusal, SuspensionKind, SuspensionState, UndoReason, UndoRefusal } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

type SuspensionOrder = {
  readonly identityId: string;
  readonly kind: SuspensionKind;
  readonly undoAt: Date | null;
  readonly undoAtFirstRefusal: boolean;
  readonly openConnections: OpenConnections;
  readonly reason: string;
  readonly reviewItemId: string | null;
  readonly actor: Actor;
};

/**
 * Orders a suspension in the caller's transaction: its row, its event and the job that carries it out once the transaction
 * commits. From then on policy refuses the identity and its live sessions end. Who may order it is the caller's to decide.
 */
export async function orderSuspension(tx: Transaction, now: Date, order: SuspensionOrder): Promise<Result<{ suspensionId: string }, SuspendRefusal>> {
  const { identityId, kind, undoAt, actor } = order;
  // Two orders at once: the second one finds the first.
  await tx.$queryRaw`select id from identities where id = ${identityId}::uuid for no key update`;
  const facts = await readSuspendFacts(tx, identityId, kind === "offboarding");
  const why = whyNotSuspend(facts, { kind, byItself: actor.kind === "system", undoAt, now });
  if (why || !facts) return refuse(why?.code ?? "identity-unknown", why?.detail);
  const id = newId();
  const credentials = await readLiveCredentials(tx, identityId);
  await tx.suspension.create({
    data: {
      id, identityId, kind, undoAt,
      undoAtFirstRefusal: order.undoAtFirstRefusal,
      openConnections: order.openConnections,
      reason: order.reason,
      reviewItemId: order.reviewItemId,
      state: "ordered",
      stateBefore: facts.state,
      orderedAt: now,
      orderedById: actor.kind === "person" ? actor.personId : null,
      credentials: { create: credentials.map(({ id: credentialId, systemId, handle, targetId }) => ({ id: newId(), credentialId, systemId, handle, targetId })) },
    },
  });
  await appendEvent(tx, {
    type: "suspension.ordered",
    at: now,
    actor,
    subjects: { identity: identityId },
    data: {
      suspensionId: id, kind,
      undoAt: undoAt?.toISOString() ?? null,
      undoAtFirstRefusal: order.undoAtFirstRefusal,
      openConnections: order.openConnections,
      credentialIds: credentials.map(({ id: credentialId }) => credentialId),
      reviewItemId: order.reviewItemId,
    },
    clear: { reason: order.reason },
  });
  await setState(tx, { identityId, from: facts.state, to: "suspended", actor, now });
  await endLiveGrants(tx, identityId, actor, now);
  await enqueueSuspension(tx, id);
  return ok({ suspensionId: id });
}

type StateChange = { readonly identityId: string; readonly from: string; readonly to: string; readonly actor: Actor; readonly now: Date };

/** Moves the identity from one state to another if it is still there, as an event; what somebody else set meanwhile stays. */
export async function setState(tx: Transaction, { identityId, from, to, actor, now }: StateChange): Promise<void> {
  if (from === to) return;
  const { count } = await tx.identity.updateMany({ where: { id: identityId, state: from }, data: { state: to, scoredAt: null } });
  if (count === 0) return;
  await appendEvent(tx, { type: "identity.state-changed", at: now, actor, subjects: { identity: identityId }, data: { from, to } });
}

/** Sessions of a suspended identity end as all sessions do, with proof; one that is just being issued ends by the next recheck. */
async function endLiveGrants(tx: Transaction, identityId: string, actor: Actor, now: Date): Promise<void> {
  const live = await tx.grant.findMany({ where: { identityId, state: "active" }, select: { id: true }, orderBy: { id: "asc" } });
  for (const { id } of live) {
    const grant = await lockGrant(tx, id);
    if (grant) await markEnding(tx, grant, { via: "end", reason: "identity-suspended", actor, now });
  }
}

/** Wakes the worker for one suspension. A later try has a key of its own: it never puts off what is due now. */
export function enqueueSuspension(tx: Transaction, suspensionId: string, runAt?: Date): Promise<void> {
  const key = `${runAt ? "suspension-later" : "suspension"}:${suspensionId}`;
  return enqueue(tx, "carry-out-suspension", { suspensionId }, runAt ? { key, runAt } : { key });
}

type Undo = { readonly suspensionId: string; readonly actor: Actor; readonly why: UndoReason };

/** Orders the undo; asking again for what is being undone, or was, answers the state and changes nothing. */
export async function orderUndo(tx: Transaction, now: Date, { suspensionId, actor, why }: Undo): Promise<Result<{ state: SuspensionState }, UndoRefusal>> {
  const suspension = await lockSuspension(tx, suspensionId);
  if (!suspension) return refuse("suspension-unknown");
  if (suspension.undoOrderedAt !== null) return ok({ state: suspension.state });
  if (suspension.state === "failed") return refuse("never-begun");
  if (!canUndo(suspension)) return refuse("already-removed");
  await tx.suspension.update({
    where: { id: suspensionId },
    data: {
      state: "undoing",
      undoWhy: why,
      undoOrderedAt: now,
      undoOrderedById: actor.kind === "person" ? actor.personId : null,
      attempts: 0, nextAttemptAt: null, lastFailure: null, lastFailureText: null, stuckSince: null,
    },
  });
  await appendEvent(tx, { type: "suspension.undo-ordered", at: now, actor, subjects: subjectsOf(suspension), data: { suspensionId, why } });
  await settleUndoneOutside(tx, suspensionId, { actor, now });
  await enqueueSuspension(tx, suspensionId);
  return ok({ state: "undoing" });
}

/** What every event of a suspension is about. */
export function subjectsOf({ identityId }: Pick<LockedSuspension, "identityId">) {
  return { identity: identityId };
}

/** Orders the undo of one whose time is over, judged again under its lock. */
export async function undoIfDue(tx: Transaction, now: Date, suspensionId: string): Promise<void> {
  const suspension = await lockSuspension(tx, suspensionId);
  if (!suspension?.undoAt || suspension.undoAt > now || suspension.closedAt !== null) return;
  await orderUndo(tx, now, { suspensionId, actor: worker, why: "time" });
}

/** A person suspends, rehearses or offboards an identity of their own side; administrators any. */
export function suspendByHand(command: { readonly actor: PersonActor; readonly form: SuspendForm }): Promise<Result<{ suspensionId: string }, SuspendRefusal>> {
  const { actor, form } = command;
  return inTransaction(async (tx, now) => {
    if (!(await mayAct(tx, form.identityId, actor))) return refuse("not-permitted");
    const isRehearsal = form.kind === "rehearsal";
    if (isRehearsal && form.hours === undefined) return refuse("undo-time-needed");
    return orderSuspension(tx, now, {
      identityId: form.identityId,
      kind: form.kind,
      undoAt: isRehearsal ? new Date(now.getTime() + (form.hours ?? 1) * 3_600_000) : null,
      undoAtFirstRefusal: isRehearsal && form.undoAtFirstRefusal === "yes",
      openConnections: form.kind === "offboarding" ? "cut" : form.openConnections,
      reason: form.reason,
      reviewItemId: null,
      actor,
    });
  });
}

/** A person undoes a suspension, at any moment. */
export function undoByHand(command: { readonly actor: PersonActor; readonly suspensionId: string }): Promise<Result<{ state: SuspensionState }, UndoRefusal>> {
  const { actor, suspensionId } = command;
  return inTransaction(async (tx, now) => {
    const suspension = await tx.suspension.findUnique({ where: { id: suspensionId }, select: { identityId: true } });
    if (!suspension) return refuse("suspension-unknown");
    if (!(await mayAct(tx, suspension.identityId, actor))) return refuse("not-permitted");
    return orderUndo(tx, now, { suspensionId, actor, why: "person" });
  });
}

async function mayAct(tx: Transaction, identityId: string, actor: PersonActor): Promise<boolean> {
  const identity = await readOwnerSide(tx, identityId);
  return identity !== null && maySuspend(identity, { personId: actor.personId, isAdministrator: actor.roles.includes("administrator") });
}
