import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { ok, refuse, type Result } from "@/lib/platform/result";
import type { Sensitivity } from "./types";

type Definition = {
  readonly actor: Actor;
  readonly entitlementId: string;
  readonly name: string;
  readonly description: string;
  readonly sensitivity: Sensitivity;
  readonly resourceOwnerId: string | null;
  readonly resourceTeamId: string | null;
  readonly purposes: readonly string[];
  readonly maxDurationSeconds: number | null;
  /** Can be asked for from now on. */
  readonly requestable: boolean;
  readonly clock?: Clock;
  readonly demo?: boolean;
};

/**
 * Describes an entitlement that discovery found: what it is called, how sensitive it is, who owns the resource, what it may
 * be asked for. Requestable only with a purpose and somebody who owns the resource, since they are the default approvers.
 */
export function defineEntitlement(command: Definition): Promise<Result<{ requestable: boolean }, "unknown-entitlement" | "needs-owner" | "needs-purpose">> {
  const { actor, entitlementId, clock = databaseClock, demo = false, ...definition } = command;
  return inTransaction(async (tx, now) => {
    const known = await tx.$queryRaw<{ id: string }[]>`select id from entitlements where id = ${entitlementId}::uuid for update`;
    if (known.length === 0) return refuse("unknown-entitlement");
    if (definition.requestable && definition.purposes.length === 0) return refuse("needs-purpose");
    if (definition.requestable && definition.resourceOwnerId === null && definition.resourceTeamId === null) return refuse("needs-owner");
    await tx.entitlement.update({ where: { id: entitlementId }, data: { ...definition, purposes: [...definition.purposes] } });
    await appendEvent(tx, {
      type: "entitlement.defined",
      at: now,
      actor,
      subjects: { entitlement: entitlementId },
      data: { sensitivity: definition.sensitivity, resourceOwnerId: definition.resourceOwnerId, requestable: definition.requestable },
      clear: { name: definition.name, description: definition.description },
      demo,
    });
    return ok({ requestable: definition.requestable });
  }, clock);
}
