import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { LiveSession, Observation } from "@/lib/connectors/contract";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { endIfDue } from "./ending";
import { lockGrant, type LockedGrant } from "./data";
import { subjectsOf } from "./mutations";
import { polledSource } from "./polled-source";

const worker: Actor = { kind: "system", process: "worker" };

/**
 * Records what polling saw of one grant: its connections as uses (matched `exact` by the handle that only this grant has), the
 * last activity, the first use as an event. Says "seen"; what was not seen is not claimed. Ends the session when idle or used up.
 */
export function recordObservation(
  grantId: string,
  seen: { readonly at: Date; readonly sessions: readonly LiveSession[]; readonly statements: number | null; readonly source: string },
  clock: Clock = databaseClock,
): Promise<void> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (grant?.state !== "active" && grant?.state !== "ending") return;
    const now = await clock.now(tx);
    const added = await addUses(tx, grant, seen);
    const uses = await tx.use.findMany({ where: { grantId, source: seen.source }, select: { startedAt: true, lastSeenAt: true } });
    const firstUseAt = earliest([...uses.map(({ startedAt }) => startedAt), ...(grant.firstUseAt ? [grant.firstUseAt] : [])]);
    const lastUseAt = latest([...uses.map(({ lastSeenAt }) => lastSeenAt), grant.lastUseAt]);
    await tx.grant.update({
      where: { id: grantId },
      data: {
        observedAt: seen.at,
        liveConnections: seen.sessions.length,
        useCount: uses.length,
        firstUseAt,
        lastUseAt,
        ...(seen.statements === null ? {} : { statementCount: BigInt(seen.statements) }),
      },
    });
    if (grant.firstUseAt === null && firstUseAt) {
      const data = { source: seen.source, match: "exact" as const, startedAt: firstUseAt.toISOString() };
      await appendEvent(tx, { type: "grant.first-used", at: now, actor: worker, subjects: subjectsOf(grant), data, demo: grant.demo });
    }
    await endIfDue(tx, grantId, now);
    if (added > 0 || seen.sessions.length !== grant.liveConnections || lastUseAt?.getTime() !== grant.lastUseAt?.getTime()) {
      await announce(tx, grant);
    }
  }, clock);
}

async function addUses(tx: Transaction, grant: LockedGrant, seen: { at: Date; sessions: readonly LiveSession[]; source: string }): Promise<number> {
  const sourceId = await polledSource(tx, grant.systemId, seen.at);
  const { count } = await tx.use.createMany({
    data: seen.sessions.map((session) => ({
      id: newId(),
      grantId: grant.id,
      systemId: grant.systemId,
      sourceId,
      kind: "connection",
      key: session.key,
      startedAt: session.startedAt,
      lastSeenAt: session.lastActiveAt ?? session.startedAt,
      source: seen.source,
      match: "exact",
      rule: "issued-login",
      clientAddress: session.clientAddress,
      receivedAt: seen.at,
    })),
    skipDuplicates: true,
  });
  for (const session of seen.sessions) {
    await tx.use.update({
      where: { sourceId_key: { sourceId, key: session.key } },
      data: { lastSeenAt: session.lastActiveAt ?? session.startedAt, endedAt: null },
    });
  }
  const live = seen.sessions.map(({ key }) => key);
  await tx.use.updateMany({ where: { grantId: grant.id, sourceId, endedAt: null, key: { notIn: live } }, data: { endedAt: seen.at } });
  return count;
}

/** Tells open screens that something moved; not evidence, so not an event. */
async function announce(tx: Transaction, grant: LockedGrant): Promise<void> {
  const notice = JSON.stringify({ type: "grant.observed", subjects: subjectsOf(grant) });
  await tx.$queryRaw`select pg_notify('curfew', ${notice}::text)::text as sent`;
}

/** Live grants of which a look saw nothing new: only that somebody looked is noted, for all of them at once. */
export async function noteUnchanged(grantIds: readonly string[], at: Date): Promise<void> {
  await db.grant.updateMany({ where: { id: { in: [...grantIds] }, state: "active" }, data: { observedAt: at } });
}

/** Sorts what one look saw by grant. */
export function byGrant(observation: Observation): Map<string, { sessions: LiveSession[]; statements: number | null }> {
  const seen = new Map<string, { sessions: LiveSession[]; statements: number | null }>();
  const at = (grantId: string) => {
    const entry = seen.get(grantId) ?? { sessions: [], statements: null };
    seen.set(grantId, entry);
    return entry;
  };
  for (const session of observation.sessions) at(session.grantId).sessions.push(session);
  for (const { grantId, calls } of observation.statements) at(grantId).statements = calls;
  return seen;
}

function earliest(times: readonly Date[]): Date | null {
  return times.reduce<Date | null>((first, time) => (first === null || time < first ? time : first), null);
}

function latest(times: readonly (Date | null)[]): Date | null {
  return times.reduce<Date | null>((last, time) => (time !== null && (last === null || time > last) ? time : last), null);
}
