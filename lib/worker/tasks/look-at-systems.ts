import "server-only";
import * as z from "zod";
import { connectSystem } from "@/lib/connectors/connect";
import type { SystemCheck } from "@/lib/connectors/contract";
import { ConnectorError } from "@/lib/connectors/errors";
import { recordDiscovery } from "@/lib/systems/discovery";
import { recordReachable, recordUnreachable } from "@/lib/systems/mutations";
import { logger } from "@/lib/platform/logger";

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

/** Reads a system's identities, credentials and standing assignments into the inventory. A failed run changes nothing. */
export async function discoverSystem(payload: unknown): Promise<void> {
  const { systemId } = payloadSchema.parse(payload);
  const session = await connectSystem(systemId);
  if (!session.discover) return;
  await recordDiscovery(systemId, await session.discover(AbortSignal.timeout(discoverTimeoutMs)));
}
