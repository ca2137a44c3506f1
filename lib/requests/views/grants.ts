import "server-only";
import { db } from "@/lib/db/client";
import { parseGrantState } from "@/lib/grants/data";
import { recoveryDelayMs } from "@/lib/grants/rules";
import { endReasons, type EndReason } from "@/lib/grants/types";
import { readProofFacts, readStillGiven, timeOf } from "./parts";
import type { GrantView } from "./types";

/** Grants of one request that a page shows; each lost issue leaves one behind. */
const mostGrants = 20;

/** The grants of a request, the newest first. */
export async function readGrants(requestId: string, { seesReach }: { seesReach: boolean }): Promise<GrantView[]> {
  const rows = await db.grant.findMany({
    where: { requestId },
    select: {
      id: true, state: true, durationSeconds: true, maxUses: true, idleSeconds: true, createdAt: true, activateBefore: true, replacesId: true, notBefore: true,
      continues: { select: { notAfter: true, state: true } },
      issueStartedAt: true, issueDeadline: true, activatedAt: true, notAfter: true, firstUseAt: true, lastUseAt: true, useCount: true, observedAt: true,
      endReason: true, endingAt: true, acceptedAt: true, sessionsCut: true, provenAt: true, proof: true, stillGiven: true, closedAt: true,
      attempts: true, nextAttemptAt: true, lastFailure: true, stuckSince: true, notRecheckedSince: true,
      endedBy: { select: { name: true } },
      entitlement: { select: { name: true } },
      system: { select: { name: true } },
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: mostGrants,
  });
  return rows.map(({ proof, stillGiven, replacesId, continues, endedBy, entitlement, system, issueDeadline, ...row }) => ({
    ...row,
    state: parseGrantState(row.state),
    entitlement: entitlement.name,
    system: system.name,
    createdAt: row.createdAt.toISOString(),
    activateBefore: row.activateBefore.toISOString(),
    notBefore: timeOf(row.notBefore),
    continuesAt: continues?.state === "active" ? timeOf(continues.notAfter) : null,
    issueStartedAt: timeOf(row.issueStartedAt),
    recoversAt: issueDeadline && new Date(issueDeadline.getTime() + recoveryDelayMs).toISOString(),
    activatedAt: timeOf(row.activatedAt),
    notAfter: timeOf(row.notAfter),
    firstUseAt: timeOf(row.firstUseAt),
    lastUseAt: timeOf(row.lastUseAt),
    observedAt: timeOf(row.observedAt),
    endReason: endReasonOf(row.endReason),
    endingAt: timeOf(row.endingAt),
    endedBy: endedBy?.name ?? null,
    acceptedAt: timeOf(row.acceptedAt),
    provenAt: timeOf(row.provenAt),
    proofFacts: readProofFacts(proof),
    stillGiven: seesReach ? readStillGiven(stillGiven) : undefined,
    closedAt: timeOf(row.closedAt),
    nextAttemptAt: timeOf(row.nextAttemptAt),
    stuckSince: timeOf(row.stuckSince),
    notRecheckedSince: timeOf(row.notRecheckedSince),
    replaces: replacesId !== null,
  }));
}

function endReasonOf(text: string | null): EndReason | null {
  return endReasons.find((reason) => reason === text) ?? null;
}
