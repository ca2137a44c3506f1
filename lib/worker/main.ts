import "server-only";
import { setMaxListeners } from "node:events";
import { hostname } from "node:os";
import { run, type Runner, type TaskList } from "graphile-worker";
import { Pool } from "pg";
import { examineChains } from "@/lib/chains/mutations";
import { disconnectSystems } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { closeUnproven, endExpiredGrants } from "@/lib/grants/ending";
import { lapseExceptions, remindOfExceptions } from "@/lib/exceptions/mutations";
import { scoreDueIdentities } from "@/lib/identities/scoring";
import { foldCounts } from "@/lib/identities/views/counts";
import { sequenceEvents } from "@/lib/ledger/sequence";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { newId } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { announceNotices } from "@/lib/notifications/delivery";
import { remindOfEnds, tellStarted } from "@/lib/notifications/occasions";
import { newestActivation } from "@/lib/policies/data";
import { activatePolicySet } from "@/lib/policies/mutations";
import { samplePolicies } from "@/lib/policies/sample";
import { digestLooks } from "@/lib/auditors/looks";
import { askDueQuestions } from "@/lib/questions/mutations";
import { lapseProposals } from "@/lib/proposals/mutations";
import { forgetDue } from "@/lib/retention/forgetting";
import { eraseDue } from "@/lib/retention/mutations";
import { checkRoutes } from "@/lib/stages/preflight";
import { advanceStages, rerouteDue } from "@/lib/stages/upkeep";
import { ensureLocalRegister } from "@/lib/tickets/providing";
import { advanceHandOvers } from "@/lib/succession/mutations";
import type { Jobs } from "./enqueue";
import { runLoop, type Loop } from "./loops";
import { lookAfterEmergencies, lookAfterReadiness } from "./tasks/break-glass";
import { endGrants } from "./tasks/end-grants";
import { lookAfterPlaces, readLedgerWhenDue, signCheckpoint, takeCheckpointsOutside } from "./tasks/ledger";
import { checkSystem, discoverSystem } from "./tasks/look-at-systems";
import { applyImportTask, compareImportTask, resumeImports } from "./tasks/imports";
import { lookAfterExports, runExportTask } from "./tasks/exports";
import { readServerLogs } from "./tasks/read-logs";
import { clearNotices, deliverNotices } from "./tasks/notifications";
import { recoverIssue } from "./tasks/recover-issue";
import { lookAfterReviews, prepareReviewTask, startMicroReviews } from "./tasks/reviews";
import { rerouteRequests } from "./tasks/requests";
import { endForTickets, lookAfterTickets, refreshTickets, writeTicketComment } from "./tasks/tickets";
import { carryOutSuspension, lookAfterSuspensions, undoDueSuspensions } from "./tasks/suspensions";
import { judgeKnownUses, lookAfterUses, readWatchedFolders } from "./tasks/uses";
import { inTurn } from "./turn";
import { reconcileSystems } from "./reconcile";
import { lapseOverdue, lookAfterSystems, observeSystems, recheckLive } from "./watch";

const tasks = {
  "end-grants": endGrants,
  "recover-issue": recoverIssue,
  "check-system": checkSystem,
  "discover-system": discoverSystem,
  "compare-import": compareImportTask,
  "apply-import": applyImportTask,
  "prepare-review": prepareReviewTask,
  "carry-out-suspension": carryOutSuspension,
  "write-ticket-comment": writeTicketComment,
  "run-export": runExportTask,
  "reroute-requests": rerouteRequests,
} satisfies Record<keyof Jobs, (payload: unknown) => Promise<void>>;

const workerId = newId();
const startedAt = new Date();

async function beat(): Promise<void> {
  await db.$executeRaw`
    insert into heartbeats (id, process, started_at, beat_at) values (${workerId}, ${`worker on ${hostname()}`}, ${startedAt}, clock_timestamp())
    on conflict (id) do update set beat_at = excluded.beat_at`;
  await db.$executeRaw`delete from heartbeats where beat_at < clock_timestamp() - interval '1 hour'`;
}

const loops: readonly Loop[] = [
  { name: "beat", everyMs: 3_000, run: beat },
  { name: "sequence", everyMs: 200, run: sequenceEvents },
  // Before anything slow: a rehearsal never outlasts its time, not even by a worker that was away.
  { name: "undo-suspensions", everyMs: 1_000, run: undoDueSuspensions },
  { name: "read-server-logs", everyMs: 3_000, run: readServerLogs },
  { name: "read-watched-folders", everyMs: 3_000, run: readWatchedFolders },
  { name: "look-after-uses", everyMs: 10_000, run: lookAfterUses },
  { name: "judge-known-uses", everyMs: 300_000, run: judgeKnownUses },
  { name: "look-after-suspensions", everyMs: 20_000, run: lookAfterSuspensions },
  // Whoever waits for a second person in an emergency waits for nothing else.
  { name: "emergencies", everyMs: 1_000, run: lookAfterEmergencies },
  { name: "readiness", everyMs: 60_000, run: lookAfterReadiness },
  { name: "expire", everyMs: 300, run: () => endExpiredGrants() },
  { name: "observe", everyMs: 1_500, run: observeSystems },
  { name: "recheck", everyMs: 15_000, run: recheckLive },
  { name: "end-without-ticket", everyMs: 1_000, run: endForTickets },
  { name: "refresh-tickets", everyMs: 1_000, run: refreshTickets },
  { name: "look-after-tickets", everyMs: 2_000, run: lookAfterTickets },
  { name: "lapse", everyMs: 10_000, run: lapseOverdue },
  { name: "advance-stages", everyMs: 2_000, run: () => advanceStages() },
  { name: "reroute-due", everyMs: 2_000, run: () => rerouteDue() },
  // By night and after every start.
  { name: "check-routes", everyMs: 8 * 3_600_000, run: () => inTurn("check-routes", async () => void (await checkRoutes())) },
  { name: "hand-overs", everyMs: 2_000, run: () => advanceHandOvers() },
  { name: "lapse-proposals", everyMs: 30_000, run: () => lapseProposals() },
  { name: "close-unproven", everyMs: 10_000, run: () => closeUnproven() },
  { name: "look-after-exports", everyMs: 5_000, run: lookAfterExports },
  { name: "resume-imports", everyMs: 15_000, run: resumeImports },
  { name: "look-after-systems", everyMs: 20_000, run: lookAfterSystems },
  { name: "fold-counts", everyMs: 15_000, run: foldCounts },
  { name: "score", everyMs: 1_000, run: scoreDueIdentities },
  { name: "lapse-exceptions", everyMs: 2_000, run: lapseExceptions },
  { name: "remind-of-exceptions", everyMs: 30_000, run: remindOfExceptions },
  { name: "look-after-reviews", everyMs: 5_000, run: lookAfterReviews },
  { name: "start-micro-reviews", everyMs: 15_000, run: startMicroReviews },
  { name: "announce-notices", everyMs: 300, run: announceNotices },
  { name: "deliver-notices", everyMs: 700, run: deliverNotices },
  { name: "tell-started", everyMs: 5_000, run: tellStarted },
  { name: "remind-of-ends", everyMs: 15_000, run: remindOfEnds },
  { name: "clear-notices", everyMs: 600_000, run: clearNotices },
  { name: "digest-looks", everyMs: 600_000, run: async () => void (await digestLooks()) },
  { name: "ask-questions", everyMs: 30_000, run: () => askDueQuestions() },
  { name: "examine-chains", everyMs: 2_000, run: () => inTurn("examine-chains", async () => void (await examineChains())) },
  { name: "reconcile", everyMs: 30_000, run: reconcileSystems },
  { name: "sign-checkpoint", everyMs: 30_000, run: signCheckpoint },
  { name: "erase", everyMs: 3_600_000, run: eraseDue },
  { name: "forget", everyMs: 2_000, run: () => inTurn("forget", async () => void (await forgetDue())) },
  { name: "take-checkpoints-outside", everyMs: 1_000, run: takeCheckpointsOutside },
  { name: "look-after-places", everyMs: 10_000, run: lookAfterPlaces },
  { name: "read-ledger", everyMs: 600_000, run: readLedgerWhenDue },
];

/** A new installation starts with the sample policies: with none at all, every question would be a fault. */
async function ensurePolicies(): Promise<void> {
  if ((await newestActivation(db)) !== null) return;
  const activated = await inTransaction((tx, now) => activatePolicySet(tx, { policies: samplePolicies, actor: { kind: "system", process: "worker" }, now }));
  if (!activated.ok) throw new AppError("policy-engine", "the sample policies are broken");
}

async function main(): Promise<void> {
  const pool = new Pool({ connectionString: env.databaseUrl, max: 6, application_name: "curfew-queue" });
  const lost = (error: unknown) => logger.warn({ err: error }, "queue connection lost");
  pool.on("error", lost);
  // A connection that is lent out breaks by itself, too; unheard, that would end the process.
  pool.on("connect", (client) => void client.on("error", lost));
  await beat();
  await ensurePolicies();
  // The demo names tickets of systems that it does not have.
  await ensureLocalRegister({ kind: "system", process: "worker" }, { takesUnknown: env.demo });
  const runner: Runner = await run({ pgPool: pool, taskList: tasks as TaskList, concurrency: 4, pollInterval: 1_000, noHandleSignals: true });
  const stopping = new AbortController();
  // Each loop waits for it.
  setMaxListeners(0, stopping.signal);
  const running = loops.map((loop) => runLoop(loop, stopping.signal));
  logger.info({ workerId }, "worker ready");
  const stop = () => stopping.abort();
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  runner.promise.catch((error: unknown) => logger.error({ err: error }, "queue stopped")).finally(stop);
  await new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
  await runner.stop().catch(() => undefined);
  await Promise.all(running);
  await db.heartbeat.deleteMany({ where: { id: workerId } }).catch(() => undefined);
  await disconnectSystems();
  await pool.end();
  await db.$disconnect();
  logger.info({ workerId }, "worker stopped");
}

main().catch((error: unknown) => {
  logger.fatal({ err: error }, "worker could not run");
  process.exitCode = 1;
});
