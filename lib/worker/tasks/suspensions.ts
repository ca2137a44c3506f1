import "server-only";
import * as z from "zod";
import { connectSystem } from "@/lib/connectors/connect";
import type { ConnectorSession, ExpectedState, SuspendOrder } from "@/lib/connectors/contract";
import { ConnectorError } from "@/lib/connectors/errors";
import { inTransaction } from "@/lib/db/transaction";
import { crashPoint } from "@/lib/platform/crash-point";
import { logger } from "@/lib/platform/logger";
import { readDueUndos, readForWork, readUnfinishedSuspensions, type LockedSuspension } from "@/lib/suspensions/data";
import { enqueueSuspension, undoIfDue } from "@/lib/suspensions/mutations";
import { nextStep, recordFailure, recordGivenBack, recordSeen, recordTaken, type Step } from "@/lib/suspensions/outcome";
import { inTurn } from "../turn";

const payloadSchema = z.object({ suspensionId: z.uuid() });
const callTimeoutMs = 30_000;
const mostDue = 200;

type Part = LockedSuspension["credentials"][number];

/**
 * Carries out what a suspension waits for: takes or gives back sign-ins and has a second account look. One process at a time
 * works on one suspension, and every call outward is idempotent, so that a crash anywhere is repaired by running again.
 */
export async function carryOutSuspension(payload: unknown): Promise<void> {
  const { suspensionId } = payloadSchema.parse(payload);
  crashPoint("suspend:task-started");
  await inTurn(`suspension:${suspensionId}`, async () => {
    // An undo may be ordered while the step before it runs: each round reads anew what is to be done.
    for (let goesOn = true; goesOn; ) goesOn = await takeStep(suspensionId);
  });
}

/** Does the next step; answers whether there may be another one now. */
async function takeStep(id: string): Promise<boolean> {
  const suspension = await readForWork(id);
  const step = suspension ? nextStep(suspension) : null;
  if (!suspension || !step || suspension.demo) return false;
  if (suspension.nextAttemptAt !== null && suspension.nextAttemptAt > new Date()) return false;
  for (const part of suspension.credentials) {
    if (isDone(part, step)) continue;
    try {
      await doStep(suspension, part, step);
    } catch (error) {
      const known = error instanceof ConnectorError ? error : null;
      logger.warn({ suspensionId: id, step, code: known?.code, err: error }, "attempt at a suspension failed");
      await recordFailure(id, { step, code: known?.code ?? "unexpected", text: known?.message ?? "unforeseen", final: known !== null && !known.transient });
      return nextStepChanged(id, step);
    }
  }
  return true;
}

/** After a failure the same step waits for its next try; another one (an undo ordered meanwhile) does not. */
async function nextStepChanged(id: string, step: Step): Promise<boolean> {
  const now = await readForWork(id);
  const next = now ? nextStep(now) : null;
  return next !== null && next !== step;
}

function isDone(part: Part, step: Step): boolean {
  switch (step) {
    case "suspend":
    case "remove":
      return part.acceptedAt !== null;
    case "confirm":
      return part.provenAt !== null;
    case "resume":
      return part.undoAcceptedAt !== null;
    case "confirm-undo":
      return part.undoneAt !== null;
  }
}

async function doStep(suspension: LockedSuspension, part: Part, step: Step): Promise<void> {
  const session = await connectSystem(part.systemId);
  const order: SuspendOrder = { orderId: part.id, targetId: part.targetId, openConnections: suspension.openConnections };
  crashPoint("suspend:before-call");
  switch (step) {
    case "suspend": {
      const receipt = await able(session.suspend)(order, callSignal());
      crashPoint("suspend:after-call");
      return recordTaken(suspension.id, { partId: part.id, receipt });
    }
    case "remove": {
      const receipt = await able(session.remove)(order, AbortSignal.timeout(2 * callTimeoutMs));
      crashPoint("suspend:after-call");
      return recordTaken(suspension.id, { partId: part.id, receipt });
    }
    case "resume": {
      const receipt = await able(session.resume)(order, callSignal());
      crashPoint("suspend:after-resume");
      return recordGivenBack(suspension.id, { partId: part.id, receipt });
    }
    case "confirm":
    case "confirm-undo":
      return confirm(session, suspension, { part, order, step });
  }
}

const callSignal = () => AbortSignal.timeout(callTimeoutMs);

/** A connector that lost a capability since it was ordered. */
function able<Method>(method: Method | undefined): Method {
  if (method) return method;
  throw new ConnectorError("wrong-target", "the system cannot do that (any more)", { transient: false });
}

type Look = { readonly part: Part; readonly order: SuspendOrder; readonly step: "confirm" | "confirm-undo" };

async function confirm(session: ConnectorSession<unknown>, suspension: LockedSuspension, { part, order, step }: Look): Promise<void> {
  const expected: ExpectedState = step === "confirm-undo" ? "resumed" : suspension.kind === "offboarding" ? "removed" : "suspended";
  if (!session.confirm) throw new ConnectorError("denied", "there is no second account to look with, so nothing can be proven", { transient: false });
  const answer = await session.confirm(order, expected, callSignal());
  crashPoint("suspend:after-confirm");
  if (answer.as === "expected") return recordSeen(suspension.id, part.id, answer);
  // What the target had taken was not enough, or somebody changed it back: it is done again before the next look.
  if (step === "confirm-undo") await session.resume?.(order, callSignal());
  else if (expected === "removed") await session.remove?.(order, callSignal());
  else await session.suspend?.(order, callSignal());
  throw new ConnectorError("in-use", `seen instead: ${answer.seen.join("; ")}`, { transient: true });
}

/** Orders the undo of every suspension whose time is over. Runs first thing when a worker starts, and every second. */
export async function undoDueSuspensions(): Promise<void> {
  for (const id of await readDueUndos(mostDue)) await inTransaction((tx, now) => undoIfDue(tx, now, id));
}

/** Puts every unfinished suspension into the queue once more: a lost job costs nothing. */
export async function lookAfterSuspensions(): Promise<void> {
  const ids = await readUnfinishedSuspensions(mostDue);
  await inTransaction(async (tx) => {
    for (const id of ids) await enqueueSuspension(tx, id);
  });
}
