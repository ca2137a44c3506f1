import "server-only";
import * as z from "zod";
import { connectSystem } from "@/lib/connectors/connect";
import type { ConnectorSession, RevokeOrder, RevokeOutcome } from "@/lib/connectors/contract";
import { ConnectorError } from "@/lib/connectors/errors";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { nextAttemptOn, readUnfinishedGrants } from "@/lib/grants/data";
import { recordAccepted, recordEndFailure, recordNotProvable, recordProven, type StillGiven } from "@/lib/grants/ending";
import { byGrant, recordObservation } from "@/lib/grants/observation";
import { crashPoint } from "@/lib/platform/crash-point";
import { logger } from "@/lib/platform/logger";
import { enqueueEnding } from "../enqueue";
import { inTurn } from "../turn";

const payloadSchema = z.object({ systemId: z.uuid() });

const revokeBatch = 200;
/** Revokes before the next look, so that a stream of new ends does not keep earlier ones from being proven. */
const revokeRounds = 5;
const probeBatch = 1_000;
const callTimeoutMs = 30_000;
const recordWidth = 8;

type Waiting = Awaited<ReturnType<typeof readUnfinishedGrants>>[number];

/**
 * Ends and proves everything that waits on one system: first every revoke, then one pair of looks for all. One process at a
 * time works on a system; every call outward is idempotent, so that a crash anywhere is repaired by running again.
 */
export async function endGrants(payload: unknown): Promise<void> {
  const { systemId } = payloadSchema.parse(payload);
  crashPoint("end:task-started");
  // Whoever has the turn finds what is new by itself, or below, once the turn is free for others again.
  if (!(await inTurn(`end-grants:${systemId}`, () => endAllOn(systemId)))) return;
  const next = await nextAttemptOn(systemId);
  if (next) await inTransaction((tx) => enqueueEnding(tx, systemId, next));
}

async function endAllOn(systemId: string): Promise<void> {
  const session = await connectSystem(systemId);
  for (let found = true; found; ) {
    found = false;
    for (let round = 0; round < revokeRounds; round++) {
      const waiting = await readUnfinishedGrants(systemId, "revoke", revokeBatch);
      if (waiting.length === 0) break;
      found = true;
      await revokeAll(session, waiting);
    }
    const waiting = await readUnfinishedGrants(systemId, "probe", probeBatch);
    if (waiting.length === 0) continue;
    found = true;
    await proveAll(session, systemId, waiting);
  }
}

function orderOf(grant: Waiting): RevokeOrder {
  return grant.handleTargetId ? { grantId: grant.id, targetId: grant.handleTargetId } : { grantId: grant.id };
}

async function revokeAll(session: ConnectorSession<unknown>, waiting: readonly Waiting[]): Promise<void> {
  await lookOnceMore(session, waiting);
  crashPoint("end:before-revoke");
  const outcomes = await revokeOutcomes(session, waiting.map(orderOf));
  crashPoint("end:after-revoke");
  await severalAtATime(outcomes, async (outcome) => {
    if (outcome.ok) await recordAccepted(outcome.grantId, outcome.receipt);
    else await recordFailure(outcome.grantId, "revoke", outcome.error);
  });
}

/** Each outcome has its own transaction; a few at a time, so that a thousand ends do not wait in one line. */
async function severalAtATime<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: recordWidth }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}

/** Polling misses short sessions: what the target counted is read before the credential goes. A failing look ends nothing and stops nothing. */
async function lookOnceMore(session: ConnectorSession<unknown>, waiting: readonly Waiting[]): Promise<void> {
  const seen = await session.observe?.(AbortSignal.timeout(5_000)).catch(() => null);
  if (!seen) return;
  const found = byGrant(seen);
  for (const { id } of waiting) {
    const entry = found.get(id);
    if (entry) await recordObservation(id, { at: seen.observedAt, ...entry, source: "polling" });
  }
}

async function revokeOutcomes(session: ConnectorSession<unknown>, orders: readonly RevokeOrder[]): Promise<readonly RevokeOutcome[]> {
  const signal = AbortSignal.timeout(callTimeoutMs);
  try {
    if (session.revokeMany) return await session.revokeMany(orders, signal);
  } catch (error) {
    return orders.map(({ grantId }) => ({ grantId, ok: false, error }));
  }
  const outcomes: RevokeOutcome[] = [];
  for (const order of orders) {
    try {
      outcomes.push({ grantId: order.grantId, ok: true, receipt: await session.revoke(order, signal) });
    } catch (error) {
      outcomes.push({ grantId: order.grantId, ok: false, error });
    }
  }
  return outcomes;
}

async function proveAll(session: ConnectorSession<unknown>, systemId: string, waiting: readonly Waiting[]): Promise<void> {
  if (!session.probeMany) {
    for (const { id } of waiting) await recordNotProvable(id, "the target offers no independent look");
    return;
  }
  crashPoint("end:before-probe");
  const answers = await session.probeMany(waiting.map(orderOf), AbortSignal.timeout(callTimeoutMs)).catch((error: unknown) => error);
  crashPoint("end:after-probe");
  if (!(answers instanceof Map)) {
    for (const { id } of waiting) await recordFailure(id, "probe", answers);
    return;
  }
  const stillGiven = stillGivenOn(session, systemId);
  await severalAtATime(waiting, async (grant) => {
    const answer = answers.get(grant.id);
    if (answer?.dead) await recordProven(grant.id, answer, await stillGiven(grant));
    else await endAgain(session, grant);
  });
}

/** The probe saw life: what the target had taken was not enough, so it is asked again before the next look. */
async function endAgain(session: ConnectorSession<unknown>, grant: Waiting): Promise<void> {
  try {
    await session.revoke(orderOf(grant), AbortSignal.timeout(callTimeoutMs));
    await recordEndFailure(grant.id, { step: "probe", code: "still-alive", final: false });
  } catch (error) {
    await recordFailure(grant.id, "probe", error);
  }
}

async function recordFailure(grantId: string, step: "revoke" | "probe", error: unknown): Promise<void> {
  const known = error instanceof ConnectorError ? error : null;
  logger.warn({ grantId, step, code: known?.code, err: error }, "attempt to end failed");
  await recordEndFailure(grantId, { step, code: known?.code ?? "unexpected", final: known ? !known.transient : false });
}

/** Looks up, once per entitlement, who else reaches it on the target right now. Unknown (null) when the target could not say. */
function stillGivenOn(session: ConnectorSession<unknown>, systemId: string) {
  const holders = new Map<string, Promise<readonly { name: string; path: readonly string[] }[] | null>>();
  return async (grant: Waiting): Promise<StillGiven[] | null> => {
    if (!session.holders) return null;
    let known = holders.get(grant.entitlementId);
    if (!known) {
      known = session.holders(grant.entitlement.target, AbortSignal.timeout(callTimeoutMs)).catch(() => null);
      holders.set(grant.entitlementId, known);
    }
    const names = await known;
    if (!names) return null;
    const own = await db.credential.findMany({
      where: { identityId: grant.identityId, systemId, handle: { in: names.map(({ name }) => name) } },
      select: { id: true, handle: true },
    });
    const others = await db.grant.findMany({
      where: { identityId: grant.identityId, entitlementId: grant.entitlementId, state: { in: ["issuing", "active"] }, id: { not: grant.id } },
      select: { id: true, handleName: true, request: { select: { number: true } } },
    });
    return [
      ...own.map(({ id, handle }) => ({
        kind: "standing" as const,
        name: handle,
        credentialId: id,
        grantId: null,
        path: names.find(({ name }) => name === handle)?.path ?? [],
      })),
      ...others.map(({ id, request }) => ({ kind: "granted" as const, name: `request ${request.number}`, credentialId: null, grantId: id, path: [] })),
    ];
  };
}
