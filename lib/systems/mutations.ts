import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { SystemCheck } from "@/lib/connectors/contract";
import { postgresConfigSchema } from "@/lib/connectors/postgres/schema";
import type { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { seal } from "@/lib/platform/seal";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueue } from "@/lib/worker/enqueue";
import type { SealedConnection } from "./connect-schema";

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
    const { id, config } = system;
    const known = await tx.system.findUnique({ where: { id }, select: { id: true } });
    const sealedSecrets = sealFor(id, system.secrets);
    if (known) await tx.system.update({ where: { id }, data: { config, sealedSecrets } });
    else await insertSystem(tx, now, { ...system, sealedSecrets });
    await lookSoon(tx, id);
  }, system.clock ?? databaseClock);
}

/** A connector's secrets as they are stored: bound to one system, opened only to connect to it. */
export function sealFor(systemId: string, secrets: unknown): Uint8Array<ArrayBuffer> {
  return seal(secrets, env.secretKey, `system/${systemId}`);
}

type SealedSystem = Omit<NewSystem, "secrets" | "clock"> & { readonly sealedSecrets: Uint8Array<ArrayBuffer> };

/** Makes the row of a new system and tells it. */
export async function insertSystem(tx: Transaction, now: Date, system: SealedSystem): Promise<void> {
  const { actor, ...row } = system;
  const { id, name, connector, environment, config, sealedSecrets, demo } = row;
  await tx.system.create({ data: { id, name, connector, environment, config, sealedSecrets, createdAt: now, demo } });
  await appendEvent(tx, { type: "system.connected", at: now, actor, subjects: { system: id }, data: { connector }, clear: { name }, demo });
}

/** Connects what an administrator filled in and, where there are two, another one confirmed. */
export async function applyConnection(
  tx: Transaction,
  connection: SealedConnection,
  { actor, now }: { readonly actor: Actor; readonly now: Date },
): Promise<Result<{ systemId: string }, "name-taken">> {
  const { systemId: id, name, environment } = connection;
  // Names are unique; two at once wait for each other here.
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:system-names', 0))`;
  if ((await tx.system.count({ where: { name } })) > 0) return refuse("name-taken");
  const config = postgresConfigSchema.parse(JSON.parse(connection.config));
  const sealedSecrets = new Uint8Array(Buffer.from(connection.sealed, "base64"));
  await insertSystem(tx, now, { id, name, connector: "postgres@1", environment, config, sealedSecrets, actor, demo: false });
  await lookSoon(tx, id);
  return ok({ systemId: id });
}

/** Points a connected system elsewhere, as an administrator filled it in and, where there are two, another one confirmed. */
export async function applyConnectionChange(
  tx: Transaction,
  connection: SealedConnection,
  { actor, now }: { readonly actor: Actor; readonly now: Date },
): Promise<Result<{ systemId: string }, "not-found">> {
  const { systemId } = connection;
  const config = postgresConfigSchema.parse(JSON.parse(connection.config));
  const sealedSecrets = new Uint8Array(Buffer.from(connection.sealed, "base64"));
  const { count } = await tx.system.updateMany({ where: { id: systemId, connector: "postgres@1" }, data: { config, sealedSecrets } });
  if (count === 0) return refuse("not-found");
  await appendEvent(tx, { type: "system.connection-changed", at: now, actor, subjects: { system: systemId }, data: {} });
  await lookSoon(tx, systemId);
  return ok({ systemId });
}

/** Has the worker check a system and read what is there, as soon as the transaction commits. */
export async function lookSoon(tx: Transaction, systemId: string): Promise<void> {
  await enqueue(tx, "check-system", { systemId }, { key: `check-system:${systemId}` });
  await enqueue(tx, "discover-system", { systemId }, { key: `discover-system:${systemId}` });
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
