import "server-only";
import * as z from "zod";
import { connectSystem } from "@/lib/connectors/connect";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction } from "@/lib/db/transaction";
import { lockGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { failIssue } from "@/lib/grants/mutations";
import { recoveryDelayMs } from "@/lib/grants/rules";
import { crashPoint } from "@/lib/platform/crash-point";
import { enqueue } from "../enqueue";

const payloadSchema = z.object({ grantId: z.uuid() });
const inspectTimeoutMs = 10_000;

/**
 * Takes up a grant left `issuing` by a crash or a lost answer. Present on the target: it is ended and proven, since nobody has
 * its secret for sure. Absent: it has failed. Either way activation opens again. Runs only after deadline + 15 s; a throw
 * (target unreachable) makes the queue ask again.
 */
export async function recoverIssue(payload: unknown): Promise<void> {
  const { grantId } = payloadSchema.parse(payload);
  const grant = await db.grant.findUnique({ where: { id: grantId }, select: { state: true, systemId: true, issueDeadline: true } });
  if (grant?.state !== "issuing" || !grant.issueDeadline) return;
  const mayLookAt = new Date(grant.issueDeadline.getTime() + recoveryDelayMs);
  const early = await inTransaction(async (tx, now) => {
    if (now >= mayLookAt) return false;
    await enqueue(tx, "recover-issue", { grantId }, { key: `recover-issue:${grantId}`, runAt: mayLookAt });
    return true;
  });
  if (early) return;
  crashPoint("recover:before-inspect");
  const session = await connectSystem(grant.systemId);
  const answer = await session.inspect({ grantId }, AbortSignal.timeout(inspectTimeoutMs));
  crashPoint("recover:after-inspect");
  if (answer.state === "absent") await failIssue({ grantId, key: null, code: "answer-lost" });
  else await endLostIssue(grantId, answer.state === "present" ? answer.handle.targetId : undefined);
  crashPoint("recover:after-commit");
}

function endLostIssue(grantId: string, handleTargetId: string | undefined): Promise<unknown> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (!grant) return null;
    const now = await databaseClock.now(tx);
    return markEnding(tx, grant, { via: "recover", reason: "superseded", actor: { kind: "system", process: "worker" }, now, handleTargetId });
  });
}
