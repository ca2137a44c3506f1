import "server-only";
import { db } from "@/lib/db/client";
import { databaseClock, type Transaction } from "@/lib/db/transaction";
import type { GrantState } from "./types";
import { grantStates } from "./types";
import { AppError } from "@/lib/platform/errors";

/** A grant read under its row lock, with what rules ask about its request. */
export type LockedGrant = Awaited<ReturnType<typeof readGrantRow>> & object;

async function readGrantRow(tx: Transaction, id: string) {
  const row = await tx.grant.findUnique({
    where: { id },
    include: { request: { select: { state: true, requesterId: true, requesterIdentityId: true } } },
  });
  if (!row) return null;
  const { request, ...grant } = row;
  return {
    ...grant,
    state: parseGrantState(grant.state),
    requestState: request.state,
    requesterId: request.requesterId,
    requesterIdentityId: request.requesterIdentityId,
  };
}

/** Parses a state column; an unknown state is a fault, never a permission. */
export function parseGrantState(state: string): GrantState {
  const known = grantStates.find((candidate) => candidate === state);
  if (!known) throw new AppError("integrity", `unknown grant state ${state}`);
  return known;
}

/** Locks a grant for the rest of the transaction and reads it; null when there is none. */
export async function lockGrant(tx: Transaction, id: string): Promise<LockedGrant | null> {
  const rows = await tx.$queryRaw<{ id: string }[]>`select id from grants where id = ${id}::uuid for update`;
  return rows.length === 0 ? null : readGrantRow(tx, id);
}

/** Ids of live grants whose time is over, by the database's clock; rows that somebody else is ending are skipped. */
export async function lockExpiredGrants(tx: Transaction, now: Date, most: number): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from grants where state = 'active' and not demo and not_after <= ${now}::timestamptz
    order by not_after limit ${most}::int for update skip locked`;
  return rows.map(({ id }) => id);
}

/** Grants of one system that wait to be ended or proven now, with what the connector needs. */
export async function readUnfinishedGrants(systemId: string, phase: "revoke" | "probe", most: number) {
  const now = await databaseClock.now(db);
  return db.grant.findMany({
    where: {
      systemId,
      demo: false,
      ...(phase === "revoke"
        ? { OR: [{ state: "ending" }, { state: "stuck", acceptedAt: null }] }
        : { OR: [{ state: "accepted" }, { state: "stuck", acceptedAt: { not: null } }] }),
      AND: { OR: [{ nextAttemptAt: null }, { nextAttemptAt: { lte: now } }] },
    },
    select: { id: true, handleTargetId: true, identityId: true, entitlementId: true, attempts: true, entitlement: { select: { target: true } } },
    orderBy: { endingAt: "asc" },
    take: most,
  });
}

/** When the next attempt on a system is due, or null when nothing waits. */
export async function nextAttemptOn(systemId: string): Promise<Date | null> {
  const row = await db.grant.findFirst({
    where: { systemId, demo: false, state: { in: ["ending", "accepted", "stuck"] } },
    select: { nextAttemptAt: true },
    orderBy: { nextAttemptAt: { sort: "asc", nulls: "first" } },
  });
  return row ? (row.nextAttemptAt ?? new Date()) : null;
}
