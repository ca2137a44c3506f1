import "server-only";
import { createHash } from "node:crypto";
import type { Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { sensitivities } from "@/lib/entitlements/types";
import { riskOf, usualOf } from "./risk";

/** Earlier grants that "usual" is taken from. */
const lookBack = 5;

/** Stores how risky a waiting request is, with its arithmetic, and which others are like it: the queue is ordered by the one and grouped by the other. */
export async function weigh(tx: Transaction, requestId: string): Promise<void> {
  const row = await tx.request.findUniqueOrThrow({
    where: { id: requestId },
    select: {
      identityId: true, requesterId: true, requesterIdentityId: true, purpose: true, submittedAt: true, grantedDurationSeconds: true,
      identity: { select: { kind: true } },
      entitlements: { where: { leftOutAt: null }, select: { entitlementId: true, entitlement: { select: { sensitivity: true, system: { select: { environment: true } } } } } },
    },
  });
  const ids = row.entitlements.map(({ entitlementId }) => entitlementId).sort();
  const same = { identityId: row.identityId, entitlementId: { in: ids } };
  const earlier = await tx.grant.findMany({
    where: { ...same, activatedAt: { not: null, lt: row.submittedAt } },
    select: { entitlementId: true, durationSeconds: true },
    orderBy: [{ activatedAt: "desc" }, { id: "desc" }],
    take: lookBack * Math.max(1, ids.length),
  });
  const standing = await tx.assignment.findFirst({ where: { ...same, kind: "standing", endedAt: null }, select: { id: true } });
  const levels = row.entitlements.map(({ entitlement }) => parseSensitivity(entitlement.sensitivity));
  const { points, parts } = riskOf({
    sensitivity: sensitivities.findLast((level) => levels.includes(level)) ?? "critical",
    environments: row.entitlements.map(({ entitlement }) => entitlement.system.environment),
    // The first time for one of them is a first time.
    timesBefore: ids.every((id) => earlier.some(({ entitlementId }) => entitlementId === id)) ? earlier.length : 0,
    sideDoor: standing !== null,
    submittedAt: row.submittedAt,
    durationSeconds: row.grantedDurationSeconds,
    usualSeconds: usualOf(earlier.map(({ durationSeconds }) => durationSeconds)),
  });
  const shape = shapeOf([row.identity.kind, row.purpose, row.requesterId ?? row.requesterIdentityId ?? "", ...ids]);
  await tx.request.update({ where: { id: requestId }, data: { risk: points, riskParts: parts.map((part) => ({ ...part })), shape } });
}

function shapeOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 22);
}
