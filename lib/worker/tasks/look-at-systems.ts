import "server-only";
import * as z from "zod";
import { connectSystem } from "@/lib/connectors/connect";
import type { SystemCheck } from "@/lib/connectors/contract";
import { ConnectorError } from "@/lib/connectors/errors";
import { crashPoint } from "@/lib/platform/crash-point";
import { recordDiscovery } from "@/lib/systems/discovery";
import { failRun, noteProgress, takeRun } from "@/lib/systems/discovery-runs";
import { recordReachable, recordUnreachable } from "@/lib/systems/mutations";
import { logger } from "@/lib/platform/logger";
import { inTurn } from "../turn";

const payloadSchema = z.object({ systemId: z.uuid() });
const checkTimeoutMs = 10_000;
const discoverTimeoutMs = 120_000;

/** Asks a system whether it is there and what its account lacks; records the answer, and a change of reachability as an event. */
export async function checkSystem(payload: unknown): Promise<void> {
  const { systemId } = payloadSchema.parse(payload);
  let check: SystemCheck;
  try {
    const session = await connectSystem(systemId);
    check = await session.check(AbortSignal.timeout(checkTimeoutMs));
  } catch (error) {
    const code = error instanceof ConnectorError ? error.code : "unexpected";
    logger.warn({ systemId, code, err: error }, "system check failed");
    await recordUnreachable(systemId, code);
    return;
  }
  await recordReachable(systemId, check);
}

/**
 * Reads a system's identities, credentials and standing assignments into the inventory, one run at a time. Everything is read
 * first, then written at once: a run that fails changes nothing and says why.
 */
export async function discoverSystem(payload: unknown): Promise<void> {
  const { systemId } = payloadSchema.parse(payload);
  await inTurn(`discover:${systemId}`, async () => {
    const runId = await takeRun(systemId);
    if (runId === null) return;
    try {
      const session = await connectSystem(systemId);
      if (!session.discover) throw new ConnectorError("wrong-target", "the system cannot tell what is on it", { transient: false });
      const discovery = await session.discover(AbortSignal.timeout(discoverTimeoutMs), (at) => void noteProgress(runId, at).catch(() => undefined));
      await noteProgress(runId, { phase: "writing", done: 0, total: discovery.roles.length });
      crashPoint("discover:before-write");
      await recordDiscovery(systemId, discovery, runId);
    } catch (error) {
      const known = error instanceof ConnectorError ? error : null;
      logger.warn({ systemId, code: known?.code, err: error }, "discovery failed");
      await failRun(runId, { code: known?.code ?? "unexpected", text: known?.message ?? "Something went wrong on our side; the log says what." });
    }
  });
}
