import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { SystemCheck } from "@/lib/connectors/contract";
import type { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Clock } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { seal } from "@/lib/platform/seal";
import { enqueue } from "@/lib/worker/enqueue";

const worker: Actor = { kind: "system", process: "worker" };

type NewSystem = {
  readonly id: string;
  readonly name: string;
  readonly connector: string;
  readonly environment: string;
  readonly config: Prisma.InputJsonObject;
  readonly secrets: unknown;
  readonly actor: Actor;
  readonly demo: boolean;
  readonly clock?: Clock;
};

/**
 * Connects a system, or updates where it is and how Curfew signs in to it. Its secrets are stored sealed only. Its first
 * check and discovery are queued in the same transaction.
 */
export function connectNewSystem(system: NewSystem): Promise<void> {
  return inTransaction(async (tx, now) => {
    const { id, name, connector, environment, config, demo } = system;
    const sealedSecrets = seal(system.secrets, env.secretKey, `system/${id}`);
    const known = await tx.system.findUnique({ where: { id }, select: { id: true } });
    if (known) await tx.system.update({ where: { id }, data: { config, sealedSecrets } });
    else {
      await tx.system.create({ data: { id, name, connector, environment, config, sealedSecrets, createdAt: now, demo } });
      await appendEvent(tx, { type: "system.connected", at: now, actor: system.actor, subjects: { system: id }, data: { connector }, clear: { name }, demo });
    }
    await enqueue(tx, "check-system", { systemId: id }, { key: `check-system:${id}` });
    await enqueue(tx, "discover-system", { systemId: id }, { key: `discover-system:${id}` });
  }, system.clock ?? databaseClock);
}

/** The system answered. Coming back after an outage is an event; being there is not. */
export function recordReachable(systemId: string, check: SystemCheck): Promise<void> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.system.updateMany({ where: { id: systemId, unreachableSince: { not: null } }, data: { unreachableSince: null, unreachableReason: null } });
    const stored: Prisma.InputJsonObject = JSON.parse(JSON.stringify(check));
    await tx.system.update({ where: { id: systemId }, data: { check: stored, checkedAt: now, reachableAt: now } });
    if (count > 0) await appendEvent(tx, { type: "system.reachable", at: now, actor: worker, subjects: { system: systemId }, data: {} });
  });
}

/** The system did not answer; the first time of an outage is an event. */
export function recordUnreachable(systemId: string, code: string): Promise<void> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.system.updateMany({ where: { id: systemId, unreachableSince: null }, data: { unreachableSince: now } });
    await tx.system.update({ where: { id: systemId }, data: { checkedAt: now, unreachableReason: code } });
    if (count > 0) await appendEvent(tx, { type: "system.unreachable", at: now, actor: worker, subjects: { system: systemId }, data: { code } });
  });
}
