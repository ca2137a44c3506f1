import "server-only";
import { connectSystem } from "@/lib/connectors/connect";
import { ConnectorError } from "@/lib/connectors/errors";
import { db } from "@/lib/db/client";
import { databaseClock } from "@/lib/db/transaction";
import { logger } from "@/lib/platform/logger";
import { readLogPosition, readLogsDue, recordServerLog } from "@/lib/systems/server-log";
import { takeServerLog } from "@/lib/uses/live";
import { inTurn } from "../turn";

const callTimeoutMs = 20_000;
/** Parts read of one log in one turn: a long backlog never keeps the others waiting. */
const partsPerTurn = 8;

/** Reads on in the logs of all systems: sign-ins that no look at open connections would catch, and those that were refused. */
export async function readServerLogs(): Promise<void> {
  const failed = (systemId: string) => (error: unknown) => {
    // Whether it is reachable is the check's to say.
    if (!(error instanceof ConnectorError && error.transient)) logger.error({ systemId, err: error }, "reading a log failed");
  };
  await Promise.all((await readLogsDue()).map((systemId) => readOneLog(systemId).catch(failed(systemId))));
}

/** Reads on in one system's log. */
export async function readOneLog(systemId: string): Promise<void> {
  await inTurn(`read-log:${systemId}`, async () => {
    const session = await connectSystem(systemId);
    if (!session.readLog) return;
    for (let part = 0; part < partsPerTurn; part += 1) {
      const askedAt = await databaseClock.now(db);
      const reading = await session.readLog(await readLogPosition(systemId), AbortSignal.timeout(callTimeoutMs));
      // First, since seeing the same again adds nothing: after a crash in between, this part is simply read once more.
      await takeServerLog(systemId, reading, askedAt);
      await recordServerLog(systemId, reading);
      if (!reading.readable || !reading.more) return;
    }
  });
}
