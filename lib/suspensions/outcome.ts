import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { RemoveReceipt, ResumeReceipt, StateAnswer, SuspendReceipt } from "@/lib/connectors/contract";
import type { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { lockSuspension, type LockedSuspension } from "./data";
import { enqueueSuspension, setState, subjectsOf } from "./mutations";
import { attemptsUntilStuck, retryDelayMs } from "./rules";
import type { SuspensionState } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

/** What is to be done next about a suspension. */
export type Step = "suspend" | "remove" | "resume" | "confirm" | "confirm-undo";

/** The next step of a suspension, or null where nothing waits. */
export function nextStep(suspension: Pick<LockedSuspension, "kind" | "acceptedAt" | "provenAt" | "undoOrderedAt" | "undoAcceptedAt" | "closedAt">): Step | null {
  if (suspension.closedAt !== null) return null;
  if (suspension.undoOrderedAt !== null) return suspension.undoAcceptedAt === null ? "resume" : "confirm-undo";
  if (suspension.acceptedAt === null) return suspension.kind === "offboarding" ? "remove" : "suspend";
  return suspension.provenAt === null ? "confirm" : null;
}

const settled = { attempts: 0, nextAttemptAt: null, lastFailure: null, lastFailureText: null, stuckSince: null } as const;

type Outcome<Receipt> = { readonly partId: string; readonly receipt: Receipt };

/** Works under the row's lock if the suspension still waits for this very step; a step that was overtaken records nothing. */
function atStep(id: string, steps: readonly Step[], clock: Clock, work: (tx: Transaction, suspension: LockedSuspension, now: Date) => Promise<void>): Promise<void> {
  return inTransaction(async (tx) => {
    const suspension = await lockSuspension(tx, id);
    const step = suspension ? nextStep(suspension) : null;
    if (suspension && step && steps.includes(step)) await work(tx, suspension, await clock.now(tx));
  }, clock);
}

function isRemoval(receipt: SuspendReceipt | RemoveReceipt): receipt is RemoveReceipt {
  return "leftovers" in receipt;
}

/** The target took the suspension or removal of one credential; the last one makes the whole accepted. */
export function recordTaken(id: string, { partId, receipt }: Outcome<SuspendReceipt | RemoveReceipt>, clock: Clock = databaseClock): Promise<void> {
  return atStep(id, ["suspend", "remove"], clock, async (tx, suspension, now) => {
    const removal = isRemoval(receipt);
    await tx.suspendedCredential.update({
      where: { id: partId },
      data: {
        acceptedAt: now,
        changed: removal ? true : receipt.changed,
        gone: receipt.alreadyGone,
        connectionsCut: receipt.sessionsCut,
        connectionsLeft: removal ? 0 : receipt.sessionsLeft,
      },
    });
    if (removal) await reportLeftovers(tx, suspension, receipt, now);
    const parts = await tx.suspendedCredential.findMany({ where: { suspensionId: id } });
    if (parts.some(({ acceptedAt }) => acceptedAt === null)) return;
    await tx.suspension.update({ where: { id }, data: { state: "accepted", acceptedAt: now, ...settled } });
    const sum = (pick: (part: (typeof parts)[number]) => number) => parts.reduce((total, part) => total + pick(part), 0);
    await appendEvent(tx, {
      type: "suspension.accepted",
      at: now,
      actor: worker,
      subjects: subjectsOf(suspension),
      data: {
        suspensionId: id,
        kind: suspension.kind,
        connectionsCut: sum((part) => part.connectionsCut ?? 0),
        connectionsLeft: sum((part) => part.connectionsLeft ?? 0),
        unchanged: sum((part) => (part.changed === false && !part.gone ? 1 : 0)),
        gone: sum((part) => (part.gone ? 1 : 0)),
      },
    });
  });
}

async function reportLeftovers(tx: Transaction, suspension: LockedSuspension, receipt: RemoveReceipt, now: Date): Promise<void> {
  for (const leftover of receipt.leftovers) {
    await openFinding(tx, {
      kind: "left-behind",
      key: `left-behind:${suspension.id}:${leftover.kind}:${leftover.where}.${leftover.name}`,
      title: `An offboarded identity left a ${leftover.kind} behind: ${leftover.where}.${leftover.name}`,
      detail: { ...leftover },
      subjects: { identityId: suspension.identityId },
      actor: worker,
      now,
    });
  }
}

/** The target gave back what was taken from one credential, or says why it stays as it is. */
export function recordGivenBack(id: string, { partId, receipt }: Outcome<ResumeReceipt>, clock: Clock = databaseClock): Promise<void> {
  return atStep(id, ["resume"], clock, async (tx, suspension, now) => {
    await tx.suspendedCredential.update({ where: { id: partId }, data: { undoAcceptedAt: now, leftAsIs: receipt.leftAsIs } });
    const parts = await tx.suspendedCredential.findMany({ where: { suspensionId: id }, select: { undoAcceptedAt: true, leftAsIs: true } });
    if (parts.some(({ undoAcceptedAt }) => undoAcceptedAt === null)) return;
    await tx.suspension.update({ where: { id }, data: { state: "undo-accepted", undoAcceptedAt: now, ...settled } });
    const left = parts.filter(({ leftAsIs }) => leftAsIs !== null).length;
    await appendEvent(tx, {
      type: "suspension.undo-accepted",
      at: now,
      actor: worker,
      subjects: subjectsOf(suspension),
      data: { suspensionId: id, restored: parts.length - left, leftAsIs: left },
    });
  });
}

type Seen = Extract<StateAnswer, { as: "expected" }>;

function proofJson(seen: Seen): Prisma.InputJsonObject {
  return { ...seen, lookedAt: seen.lookedAt.map((at) => at.toISOString()), facts: [...seen.facts] };
}

/** A second account saw one credential as it should be; the last one proves the whole. */
export function recordSeen(id: string, partId: string, seen: Seen, clock: Clock = databaseClock): Promise<void> {
  return atStep(id, ["confirm", "confirm-undo"], clock, async (tx, suspension, now) => {
    const undoing = nextStep(suspension) === "confirm-undo";
    await tx.suspendedCredential.update({ where: { id: partId }, data: undoing ? { undoneAt: now, undoProof: proofJson(seen) } : { provenAt: now, proof: proofJson(seen) } });
    const parts = await tx.suspendedCredential.findMany({ where: { suspensionId: id }, select: { provenAt: true, undoneAt: true } });
    if (parts.some((part) => (undoing ? part.undoneAt : part.provenAt) === null)) return;
    await (undoing ? finishUndo : finish)(tx, suspension, seen, now);
  });
}

async function finish(tx: Transaction, suspension: LockedSuspension, seen: Seen, now: Date): Promise<void> {
  const { id, kind } = suspension;
  const isForGood = kind === "offboarding";
  await tx.suspension.update({ where: { id }, data: { state: "proven", provenAt: now, ...(isForGood ? { closedAt: now } : {}), ...settled } });
  await appendEvent(tx, {
    type: "suspension.proven",
    at: now,
    actor: worker,
    subjects: subjectsOf(suspension),
    data: { suspensionId: id, kind, strength: seen.strength, seenBy: seen.seenBy, looks: seen.lookedAt.map((at) => at.toISOString()), facts: [...seen.facts] },
  });
  if (!isForGood) return;
  await setState(tx, { identityId: suspension.identityId, from: suspension.identity.state, to: "offboarded", actor: worker, now });
  const ended = { where: { id: { in: suspension.credentials.map(({ credentialId }) => credentialId) }, vanishedAt: null }, data: { vanishedAt: now, isEnabled: false } };
  await tx.credential.updateMany(ended);
  await tx.assignment.updateMany({ where: { identityId: suspension.identityId, kind: "standing", endedAt: null }, data: { endedAt: now } });
}

async function finishUndo(tx: Transaction, suspension: LockedSuspension, seen: Seen, now: Date): Promise<void> {
  const { id } = suspension;
  await tx.suspension.update({ where: { id }, data: { state: "undone", undoneAt: now, closedAt: now, ...settled } });
  await appendEvent(tx, {
    type: "suspension.undone",
    at: now,
    actor: worker,
    subjects: subjectsOf(suspension),
    data: { suspensionId: id, seenBy: seen.seenBy, looks: seen.lookedAt.map((at) => at.toISOString()), facts: [...seen.facts] },
  });
  await giveBackState(tx, suspension, now);
}

/** May stand without anybody who answers for it. */
const ownerless = ["unowned", "orphaned", "offboarded"];

/** The identity is again what it was, unless somebody set it to something else meanwhile, or nobody answers for it any more. */
async function giveBackState(tx: Transaction, suspension: LockedSuspension, now: Date): Promise<void> {
  const { identityId, stateBefore } = suspension;
  const { ownerId, sponsorId } = await tx.identity.findUniqueOrThrow({ where: { id: identityId }, select: { ownerId: true, sponsorId: true } });
  const isAnswered = ownerId !== null && sponsorId !== null;
  const to = isAnswered || ownerless.includes(stateBefore) ? stateBefore : "unowned";
  // What was unowned and has found somebody since is dormant until it is seen at work.
  await setState(tx, { identityId, from: "suspended", to: to === "unowned" && isAnswered ? "dormant" : to, actor: worker, now });
}

type Failure = {
  readonly step: Step;
  readonly code: string;
  /** What the target said, for people; holds no secret. */
  readonly text: string;
  /** It will not work until a person changes something on the target. */
  readonly final: boolean;
};

/** An attempt failed: it is tried again, and after some attempts it is `stuck`, a finding, and its people are told. */
export function recordFailure(id: string, failure: Failure, clock: Clock = databaseClock): Promise<void> {
  return atStep(id, [failure.step], clock, async (tx, suspension, now) => {
    if (failure.final && (await neverBegan(tx, suspension))) return fail(tx, suspension, failure, now);
    const attempts = suspension.attempts + 1;
    const sticks = (attempts >= attemptsUntilStuck || failure.final) && suspension.state !== "stuck";
    const nextAttemptAt = new Date(now.getTime() + retryDelayMs(failure.final ? attemptsUntilStuck + attempts : attempts));
    const state: SuspensionState = sticks ? "stuck" : suspension.state;
    const told = { attempts, nextAttemptAt, lastFailure: failure.code, lastFailureText: failure.text.slice(0, 2_000) };
    await tx.suspension.update({ where: { id }, data: { ...told, state, ...(sticks ? { stuckSince: now } : {}) } });
    const common = { at: now, actor: worker, subjects: subjectsOf(suspension) };
    const step = failure.step === "confirm-undo" ? "confirm" : failure.step;
    if (attempts <= attemptsUntilStuck) {
      await appendEvent(tx, { type: "suspension.attempt-failed", ...common, data: { suspensionId: id, step, code: failure.code, attempt: attempts } });
    }
    if (sticks) {
      await appendEvent(tx, { type: "suspension.stuck", ...common, data: { suspensionId: id, undoing: suspension.undoOrderedAt !== null, code: failure.code, attempts } });
      await reportStuck(tx, suspension, failure, now);
    }
    await enqueueSuspension(tx, id, nextAttemptAt);
  });
}

/** A target that says no to the first step for good has changed nothing: there is nothing to undo. */
async function neverBegan(tx: Transaction, suspension: LockedSuspension): Promise<boolean> {
  if (nextStep(suspension) !== "suspend" || suspension.attempts > 0) return false;
  return (await tx.suspendedCredential.count({ where: { suspensionId: suspension.id, acceptedAt: { not: null } } })) === 0;
}

async function fail(tx: Transaction, suspension: LockedSuspension, { code, text }: Failure, now: Date): Promise<void> {
  const { id } = suspension;
  await tx.suspension.update({ where: { id }, data: { state: "failed", closedAt: now, lastFailure: code, lastFailureText: text.slice(0, 2_000), nextAttemptAt: null } });
  await appendEvent(tx, { type: "suspension.failed", at: now, actor: worker, subjects: subjectsOf(suspension), data: { suspensionId: id, code } });
  await giveBackState(tx, suspension, now);
}

async function reportStuck(tx: Transaction, suspension: LockedSuspension, failure: Failure, now: Date): Promise<void> {
  const undoing = suspension.undoOrderedAt !== null;
  const { name } = await tx.identity.findUniqueOrThrow({ where: { id: suspension.identityId }, select: { name: true } });
  await openFinding(tx, {
    kind: "suspension-stuck",
    key: `suspension-stuck:${suspension.id}:${undoing ? "undo" : "order"}`,
    title: undoing ? `The undo of the suspension of ${name} is not seen on the target` : `The ${suspension.kind} of ${name} is not seen on the target`,
    detail: { suspensionId: suspension.id, step: failure.step, code: failure.code, said: failure.text.slice(0, 2_000) },
    subjects: { identityId: suspension.identityId },
    actor: worker,
    now,
  });
}
