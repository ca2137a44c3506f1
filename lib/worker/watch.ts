import "server-only";
import { connectSystem } from "@/lib/connectors/connect";
import { ConnectorError } from "@/lib/connectors/errors";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { lapseGrant } from "@/lib/grants/mutations";
import { byGrant, noteUnchanged, recordObservation } from "@/lib/grants/observation";
import { noteNothingToSee, polledSource } from "@/lib/grants/polled-source";
import { recoveryDelayMs } from "@/lib/grants/rules";
import { lapseUndecided } from "@/lib/requests/mutations";
import { recheckEmergency } from "@/lib/break-glass/recheck";
import { recheckGrant } from "@/lib/requests/recheck";
import { logger } from "@/lib/platform/logger";
import { enqueue, enqueueEnding } from "./enqueue";

const callTimeoutMs = 10_000;
const most = 500;
const mostObserved = 10_000;
/** Systems that are known from files only are not looked at: there is nothing to connect to. */
export const connected = { sealedSecrets: { not: null } } as const;
const retakeAfterMs = 15_000;
/** The inventory is at most this old, in milliseconds, while a system can be reached. */
const discoverEveryMs = 5 * 60_000;

/** Looks at every system that has live sessions and records what was seen. What cannot be seen ends nothing. */
export async function observeSystems(): Promise<void> {
  const systems = await db.grant.findMany({ where: { state: "active", demo: false }, distinct: ["systemId"], select: { systemId: true } });
  await eachSystem(systems.map(({ systemId }) => ({ id: systemId })), observeSystem);
  await noteNothingToSee();
}

async function observeSystem(systemId: string): Promise<void> {
  const session = await connectSystem(systemId);
  if (!session.observe) return;
  let seen;
  try {
    seen = await session.observe(AbortSignal.timeout(callTimeoutMs));
  } catch (error) {
    if (error instanceof ConnectorError) return; // The check says that it is unreachable, and since when.
    throw error;
  }
  await db.system.update({ where: { id: systemId }, data: { observedAt: seen.observedAt } });
  await inTransaction((tx) => polledSource(tx, systemId, seen.observedAt));
  const found = byGrant(seen);
  const live = await db.grant.findMany({
    where: { systemId, state: "active", demo: false },
    select: { id: true, liveConnections: true, statementCount: true, idleSeconds: true, maxUses: true },
    take: mostObserved,
  });
  const unchanged: string[] = [];
  for (const grant of live) {
    const entry = found.get(grant.id) ?? { sessions: [], statements: null };
    const quiet = entry.sessions.length === 0 && grant.liveConnections === 0;
    const counted = entry.statements === null || BigInt(entry.statements) === grant.statementCount;
    if (quiet && counted && grant.idleSeconds === null && grant.maxUses === null) unchanged.push(grant.id);
    else await recordObservation(grant.id, { at: seen.observedAt, ...entry, source: "polling" });
  }
  await noteUnchanged(unchanged, seen.observedAt);
}

/** Asks policy again about every live session, the longest unasked first. */
export async function recheckLive(): Promise<void> {
  const live = await db.grant.findMany({
    where: { state: "active", demo: false },
    select: { id: true, request: { select: { breakGlassId: true } } },
    orderBy: { recheckedAt: { sort: "asc", nulls: "first" } },
    take: most,
  });
  for (const { id, request } of live) await (request.breakGlassId === null ? recheckGrant(id) : recheckEmergency(id));
}

/** Lets requests that nobody decided and grants that nobody activated lapse. */
export async function lapseOverdue(): Promise<void> {
  await lapseUndecided();
  const ready = await db.grant.findMany({ where: { state: "ready", activateBefore: { lte: new Date() } }, select: { id: true }, take: most });
  for (const { id } of ready) await lapseGrant(id);
}

/** Puts every system into the queue to be asked for its health, and those with unfinished ends to be ended (a lost job costs nothing). */
export async function lookAfterSystems(): Promise<void> {
  const systems = await db.system.findMany({ where: connected, select: { id: true, discoveredAt: true, unreachableSince: true } });
  const unfinished = await db.grant.findMany({
    where: { state: { in: ["ending", "accepted", "stuck"] }, demo: false },
    distinct: ["systemId"],
    select: { systemId: true },
  });
  const stale = new Date(Date.now() - discoverEveryMs);
  await inTransaction(async (tx) => {
    for (const { id, discoveredAt, unreachableSince } of systems) {
      await enqueue(tx, "check-system", { systemId: id }, { key: `check-system:${id}`, maxAttempts: 1 });
      const due = unreachableSince === null && (discoveredAt === null || discoveredAt < stale);
      if (due) await enqueue(tx, "discover-system", { systemId: id }, { key: `discover-system:${id}`, maxAttempts: 1 });
    }
    for (const { systemId } of unfinished) {
      await enqueueEnding(tx, systemId);
    }
  });
  await retakeLostIssues();
}

/** Grants that stay `issuing` have a recovery job; should it be gone, or held by a worker that was killed, here is another. */
async function retakeLostIssues(): Promise<void> {
  const lost = await db.grant.findMany({
    where: { state: "issuing", demo: false, issueDeadline: { lt: new Date(Date.now() - recoveryDelayMs - retakeAfterMs) } },
    select: { id: true },
    take: most,
  });
  await inTransaction(async (tx) => {
    for (const { id } of lost) await enqueue(tx, "recover-issue", { grantId: id }, { key: `recover-issue:${id}` });
  });
}

/** One system that cannot even be opened must not keep the others from being looked at. */
export async function eachSystem(systems: readonly { readonly id: string }[], look: (systemId: string) => Promise<void>): Promise<void> {
  const failed = (systemId: string) => (error: unknown) => logger.error({ systemId, err: error }, "look at a system failed");
  await Promise.all(systems.map(({ id }) => look(id).catch(failed(id))));
}
