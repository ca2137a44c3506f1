import "server-only";
import { connectSystem } from "@/lib/connectors/connect";
import { ConnectorError } from "@/lib/connectors/errors";
import { logger } from "@/lib/platform/logger";
import { readLogPosition, readLogsDue, recordServerLog } from "@/lib/systems/server-log";
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
      const reading = await session.readLog(await readLogPosition(systemId), AbortSignal.timeout(callTimeoutMs));
      await recordServerLog(systemId, reading);
      if (!reading.readable || !reading.more) return;
    }
  });
}
