import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { GrantReceipt } from "@/lib/connectors/contract";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { whyFrozen, type FrozenWhy } from "@/lib/identities/rules";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { tellReady } from "@/lib/notifications/occasions";
import { settleNotices } from "@/lib/notifications/telling";
import { keepMarkers } from "@/lib/uses/matching";
import { enqueue } from "@/lib/worker/enqueue";
import { lockGrant, parseGrantState, type LockedGrant } from "./data";
import { joinedFrom, nextState, recoveryDelayMs, sessionBounds, stepOfActivation } from "./rules";
import { closedGrantStates } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

/** Ids that every event of a grant is about. */
export function subjectsOf(grant: Pick<LockedGrant, "id" | "requestId" | "identityId" | "entitlementId" | "systemId">) {
  return { grant: grant.id, request: grant.requestId, identity: grant.identityId, entitlement: grant.entitlementId, system: grant.systemId };
}

type NewGrant = {
  readonly requestId: string;
  readonly identityId: string;
  readonly entitlementId: string;
  readonly systemId: string;
  readonly durationSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly activateBefore: Date;
  readonly notBefore?: Date | null;
  /** The live grant that it goes on with. */
  readonly continuesId?: string | null;
  readonly replacesId?: string;
  readonly demo: boolean;
};

/** Makes a grant ready for activation, in the transaction that approved its request (or proved a lost issue dead). */
export async function createGrant(tx: Transaction, grant: NewGrant, { actor, now }: { actor: Actor; now: Date }): Promise<string> {
  const id = newId();
  await tx.grant.create({ data: { id, ...grant, state: "ready", createdAt: now } });
  await appendEvent(tx, {
    type: "grant.ready",
    at: now,
    actor,
    subjects: subjectsOf({ ...grant, id }),
    data: {
      entitlementId: grant.entitlementId,
      durationSeconds: grant.durationSeconds,
      activateBefore: grant.activateBefore.toISOString(),
      replaces: grant.replacesId ?? null,
      ...(grant.notBefore ? { notBefore: grant.notBefore.toISOString() } : {}),
      ...(grant.continuesId ? { continues: grant.continuesId } : {}),
    },
    demo: grant.demo,
  });
  await tellReady(tx, now, id, actor);
  return id;
}

type BeginIssue = {
  readonly actor: Actor;
  readonly grantId: string;
  /** Hash over idempotency key and verifier: the same call repeated has the same key. */
  readonly key: string;
  /** The handle's name on the target, known before the target is asked. */
  readonly handleName: string;
  /** The policy's word on this activation, asked beforehand in the same transaction; null when nothing stands against it. */
  readonly objection: (tx: Transaction, grant: LockedGrant, now: Date) => Promise<string | null>;
  readonly clock?: Clock;
};

type Begun =
  | { readonly step: "issue"; readonly grant: LockedGrant; readonly notAfter: Date; readonly deadline: Date }
  | { readonly step: "wait" }
  | { readonly step: "answer-again"; readonly grant: LockedGrant };

/** First transaction of an activation: intent before anything is asked of the target. */
export function beginIssue(command: BeginIssue): Promise<Result<Begun, string>> {
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, command.grantId);
    if (!grant) return refuse("unknown-grant");
    const now = await clock.now(tx);
    const step = stepOfActivation(
      { ...grant, requestApproved: grant.requestState === "approved" },
      {
        personId: command.actor.kind === "person" ? command.actor.personId : null,
        identityId: command.actor.kind === "workload" ? command.actor.identityId : null,
        key: command.key,
        now,
      },
    );
    if (!step.ok) return refuseActivation(tx, grant, command.actor, step.code, now);
    if (step.step === "wait") return ok({ step: "wait" });
    if (step.step === "answer-again") return ok({ step: "answer-again", grant });
    if (step.step === "issue") {
      const frozen = await readFrozen(tx, grant.identityId);
      if (frozen) return refuseActivation(tx, grant, command.actor, frozen, now);
      const objection = await command.objection(tx, grant, now);
      if (objection) return refuseActivation(tx, grant, command.actor, objection, now);
    }
    const from = await startOf(tx, grant, now);
    if (from === "former-ended") return refuseActivation(tx, grant, command.actor, from, now);
    return ok(await markIssuing(tx, grant, command, { now, from }));
  }, clock);
}

/** From when its time counts: from the end of the grant that it goes on with, where there is one that lives. */
async function startOf(tx: Transaction, { continuesId }: LockedGrant, now: Date): Promise<Date | "former-ended"> {
  const former = continuesId === null ? null : await tx.grant.findUnique({ where: { id: continuesId }, select: { state: true, notAfter: true, endReason: true } });
  return former ? joinedFrom({ ...former, state: parseGrantState(former.state) }, now) : now;
}

/** What refuses a new request refuses an approved one, too, while nothing is issued. */
async function readFrozen(tx: Transaction, identityId: string): Promise<FrozenWhy | null> {
  return whyFrozen(await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { state: true, frozenByReviewId: true } }));
}

async function refuseActivation(tx: Transaction, grant: LockedGrant, actor: Actor, code: string, now: Date) {
  await appendEvent(tx, { type: "grant.activation-refused", at: now, actor, subjects: subjectsOf(grant), data: { code }, demo: grant.demo });
  return refuse(code);
}

async function markIssuing(
  tx: Transaction,
  grant: LockedGrant,
  command: BeginIssue,
  { now, from }: { readonly now: Date; readonly from: Date },
): Promise<Begun> {
  const bounds = sessionBounds(grant.durationSeconds, now, from);
  await tx.grant.update({
    where: { id: grant.id },
    data: {
      state: nextState(grant.state, "issue") ?? grant.state,
      activationKey: command.key,
      issueStartedAt: now,
      issueDeadline: bounds.deadline,
      notAfter: bounds.notAfter,
      handleName: command.handleName,
    },
  });
  await appendEvent(tx, {
    type: "grant.issuing",
    at: now,
    actor: command.actor,
    subjects: subjectsOf(grant),
    data: { handle: command.handleName, notAfter: bounds.notAfter.toISOString(), deadline: bounds.deadline.toISOString() },
    demo: grant.demo,
  });
  if (!grant.demo) await scheduleRecovery(tx, grant.id, bounds.deadline);
  return { step: "issue", grant, ...bounds };
}

function scheduleRecovery(tx: Transaction, grantId: string, deadline: Date): Promise<void> {
  const runAt = new Date(deadline.getTime() + recoveryDelayMs);
  return enqueue(tx, "recover-issue", { grantId }, { key: `recover-issue:${grantId}`, runAt });
}

type Confirmed = { readonly state: "active"; readonly notAfter: Date; readonly connection: Readonly<Record<string, string>> };

/** Second transaction of an activation: the target has the credential. Refused when recovery was faster. */
export function confirmIssue(command: {
  readonly actor: Actor;
  readonly grantId: string;
  readonly key: string;
  readonly receipt: GrantReceipt;
  readonly clock?: Clock;
}): Promise<Result<Confirmed, "superseded">> {
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, command.grantId);
    if (!grant || grant.activationKey !== command.key || grant.notAfter === null) return refuse("superseded");
    const { receipt } = command;
    const value: Confirmed = { state: "active", notAfter: grant.notAfter, connection: receipt.connection };
    if (grant.state === "active") return ok(value);
    if (nextState(grant.state, "confirm") === undefined) return refuse("superseded");
    const now = await clock.now(tx);
    await tx.grant.update({
      where: { id: grant.id },
      data: { state: "active", activatedAt: now, handleTargetId: receipt.handle.targetId ?? null, connection: { ...receipt.connection } },
    });
    await tx.assignment.create({
      data: { id: newId(), identityId: grant.identityId, entitlementId: grant.entitlementId, kind: "granted", grantId: grant.id, path: [receipt.handle.name], firstSeenAt: now, lastSeenAt: now },
    });
    await keepMarkers(tx, { grantId: grant.id, systemId: grant.systemId, markers: receipt.markers, now });
    await appendEvent(tx, {
      type: "grant.active",
      at: now,
      actor: command.actor,
      subjects: subjectsOf(grant),
      data: {
        handle: receipt.handle.name,
        targetId: receipt.handle.targetId ?? null,
        notAfter: grant.notAfter.toISOString(),
        repeated: receipt.repeated,
      },
      demo: grant.demo,
    });
    await settleNotices(tx, now, { about: `grant:${grant.id}` });
    return ok(value);
  }, clock);
}

/** The target took nothing, and `inspect` said so: the grant has failed and a new one takes its place. */
export function failIssue(command: { readonly grantId: string; readonly key: string | null; readonly code: string; readonly clock?: Clock }): Promise<boolean> {
  const clock = command.clock ?? databaseClock;
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, command.grantId);
    if (!grant || nextState(grant.state, "fail") === undefined) return false;
    if (command.key !== null && grant.activationKey !== command.key) return false;
    const now = await clock.now(tx);
    await tx.grant.update({ where: { id: grant.id }, data: { state: "failed", closedAt: now, lastFailure: command.code } });
    await appendEvent(tx, { type: "grant.failed", at: now, actor: worker, subjects: subjectsOf(grant), data: { code: command.code, inspected: "absent" }, demo: grant.demo });
    await replaceGrant(tx, grant, now);
    return true;
  }, clock);
}

/** Opens activation again after an issue that was lost; when its time is over, the request lapses instead. */
export async function replaceGrant(tx: Transaction, grant: LockedGrant, now: Date): Promise<void> {
  if (grant.requestState !== "approved") return;
  if (grant.activateBefore <= now) return lapseRequestOf(tx, grant, now);
  const { requestId, identityId, entitlementId, systemId, durationSeconds, maxUses, idleSeconds, activateBefore, notBefore, continuesId, demo } = grant;
  await createGrant(
    tx,
    { requestId, identityId, entitlementId, systemId, durationSeconds, maxUses, idleSeconds, activateBefore, notBefore, continuesId, replacesId: grant.id, demo },
    { actor: worker, now },
  );
}

/** A ready grant whose time to activate is over lapses; its request too when nothing of it was ever activated. */
export function lapseGrant(grantId: string, clock: Clock = databaseClock): Promise<boolean> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    const now = await clock.now(tx);
    if (!grant || nextState(grant.state, "lapse") === undefined || grant.activateBefore > now) return false;
    await tx.grant.update({ where: { id: grant.id }, data: { state: "lapsed", closedAt: now } });
    await settleNotices(tx, now, { about: `grant:${grant.id}` });
    await appendEvent(tx, { type: "grant.lapsed", at: now, actor: worker, subjects: subjectsOf(grant), data: {}, demo: grant.demo });
    await lapseRequestOf(tx, grant, now);
    return true;
  }, clock);
}

/** An approved request lapses once nothing of it was ever activated and nothing of it can be any more. */
async function lapseRequestOf(tx: Transaction, grant: LockedGrant, now: Date): Promise<void> {
  const open = { OR: [{ activatedAt: { not: null } }, { state: { notIn: [...closedGrantStates] } }] };
  if ((await tx.grant.count({ where: { requestId: grant.requestId, ...open } })) > 0) return;
  const { count } = await tx.request.updateMany({ where: { id: grant.requestId, state: "approved" }, data: { state: "lapsed" } });
  if (count === 0) return;
  await appendEvent(tx, {
    type: "request.lapsed",
    at: now,
    actor: worker,
    subjects: { request: grant.requestId, identity: grant.identityId },
    data: { why: "not-activated-in-time" },
    demo: grant.demo,
  });
}

/** Records the last word on uses when a session ends: totals, first and last seen. */
export async function appendUseTotals(tx: Transaction, grant: LockedGrant, now: Date): Promise<void> {
  if (!grant.firstUseAt || !grant.lastUseAt) return;
  await appendEvent(tx, {
    type: "grant.used",
    at: now,
    actor: worker,
    subjects: subjectsOf(grant),
    data: {
      source: "polling",
      uses: grant.useCount,
      statements: grant.statementCount === null ? null : Number(grant.statementCount),
      firstUseAt: grant.firstUseAt.toISOString(),
      lastUseAt: grant.lastUseAt.toISOString(),
    },
    demo: grant.demo,
  });
}
