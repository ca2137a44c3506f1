import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Transaction } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { connectorOf } from "@/lib/connectors/registry";
import type { PersonActor } from "@/lib/auth/actor";
import { appendEvent } from "@/lib/ledger/append";
import { enqueue } from "@/lib/worker/enqueue";
import type { DiffRow } from "./discovery-plan";

/** Runs that are kept of one system. */
const mostKept = 100;
/** By itself a system is not asked again so soon after a run that failed (milliseconds). */
const restMs = 5 * 60_000;

/** Orders a discovery now: its run is there at once, and the worker takes it up. One that runs already is answered instead. */
export function orderDiscovery(command: { actor: PersonActor; systemId: string }): Promise<Result<{ runId: string }, "system-unknown" | "cannot-discover">> {
  const { actor, systemId } = command;
  return inTransaction(async (tx, now) => {
    const system = await tx.system.findUnique({ where: { id: systemId }, select: { connector: true } });
    if (!system) return refuse("system-unknown");
    if (!connectorOf(system.connector).capabilities.discover) return refuse("cannot-discover");
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:discovery-order:${systemId}`}::text, 0))`;
    const running = await tx.discoveryRun.findFirst({ where: { systemId, state: "running" }, select: { id: true } });
    const runId = running?.id ?? newId();
    if (!running) {
      await tx.discoveryRun.create({ data: { id: runId, systemId, state: "running", phase: "waiting", startedAt: now, beatAt: now, orderedById: actor.personId } });
      await appendEvent(tx, { type: "system.discovery-ordered", at: now, actor, subjects: { system: systemId }, data: { runId } });
    }
    await enqueue(tx, "discover-system", { systemId }, { key: `discover-system:${systemId}`, maxAttempts: 1 });
    return ok({ runId });
  });
}

/**
 * Takes up the run that waits for a system, or begins one; the caller has the system's turn, so that whatever else is still
 * `running` died with its worker. Null where it rests after a failure and nobody asked.
 */
export function takeRun(systemId: string): Promise<string | null> {
  return inTransaction(async (tx, now) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:discovery-order:${systemId}`}::text, 0))`;
    const running = await tx.discoveryRun.findFirst({ where: { systemId, state: "running" }, select: { id: true, phase: true } });
    if (running?.phase === "waiting") {
      await tx.discoveryRun.update({ where: { id: running.id }, data: { phase: "roles", beatAt: now } });
      return running.id;
    }
    if (running) await fail(tx, running.id, { code: "broken-off", text: "the worker stopped in the middle; nothing was changed, and a new run began" }, now);
    else if (await rests(tx, systemId, now)) return null;
    const id = newId();
    await tx.discoveryRun.create({ data: { id, systemId, state: "running", phase: "roles", startedAt: now, beatAt: now } });
    await tx.$executeRaw`
      delete from discovery_runs where system_id = ${systemId}::uuid and state <> 'running'
        and id not in (select id from discovery_runs where system_id = ${systemId}::uuid order by started_at desc limit ${mostKept}::int)`;
    return id;
  });
}

async function rests(tx: Transaction, systemId: string, now: Date): Promise<boolean> {
  const last = await tx.discoveryRun.findFirst({ where: { systemId }, orderBy: { startedAt: "desc" }, select: { state: true, finishedAt: true } });
  return last?.state === "failed" && last.finishedAt !== null && now.getTime() - last.finishedAt.getTime() < restMs;
}

/** How far a run is; told now and then, never in the transaction that writes the outcome. */
export async function noteProgress(runId: string, at: { phase: string; done: number; total: number | null }): Promise<void> {
  await db.$executeRaw`update discovery_runs set phase = ${at.phase}, done = ${at.done}::int, total = ${at.total}::int, beat_at = clock_timestamp() where id = ${runId}::uuid and state = 'running'`;
}

type Outcome = {
  readonly roles: number;
  readonly appeared: number;
  readonly changed: number;
  readonly vanished: number;
  readonly diff: readonly DiffRow[];
  readonly notSeen: readonly { readonly database: string; readonly why: string }[];
  readonly now: Date;
};

/** The run's outcome, in the very transaction that wrote it. */
export async function completeRun(tx: Transaction, runId: string, { now, diff, notSeen, ...counts }: Outcome): Promise<void> {
  const rows: Prisma.InputJsonArray = diff.map((row) => ({ ...row, what: [...row.what] }));
  await tx.discoveryRun.update({
    where: { id: runId },
    data: { ...counts, state: "complete", phase: null, finishedAt: now, beatAt: now, diff: rows, notSeen: notSeen.map((each) => ({ ...each })) },
  });
}

type Failure = { readonly code: string; readonly text: string };

async function fail(tx: Transaction, runId: string, { code, text }: Failure, now: Date): Promise<void> {
  await tx.discoveryRun.updateMany({
    where: { id: runId, state: "running" },
    data: { state: "failed", phase: null, finishedAt: now, failure: code, failureText: text.slice(0, 2_000) },
  });
}

/** The run changed nothing, and why. */
export function failRun(runId: string, failure: Failure): Promise<void> {
  return inTransaction((tx, now) => fail(tx, runId, failure, now), databaseClock);
}
