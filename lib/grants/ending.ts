import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { ProbeAnswer, RevokeReceipt } from "@/lib/connectors/contract";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import type { Prisma } from "@/lib/db/generated/client";
import { openFinding } from "@/lib/findings/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { endReasonWords } from "@/lib/ledger/sentences";
import { tellEnded, tellStuck } from "@/lib/notifications/occasions";
import { crashPoint } from "@/lib/platform/crash-point";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueueEnding } from "@/lib/worker/enqueue";
import { lockExpiredGrants, lockGrant, type LockedGrant } from "./data";
import { appendUseTotals, replaceGrant, subjectsOf } from "./mutations";
import { attemptsUntilStuck, dueEnd, nextState, retryDelayMs } from "./rules";
import type { EndReason, GrantState } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

/** What else still gives the identity an entitlement, seen when its end was proven. */
export type StillGiven = {
  readonly kind: "standing" | "granted";
  readonly name: string;
  readonly credentialId: string | null;
  readonly grantId: string | null;
  readonly path: readonly string[];
};

/** Moves a live (or lost) grant to `ending` in the caller's transaction and wakes the worker for its system. */
export async function markEnding(
  tx: Transaction,
  grant: LockedGrant,
  change: { readonly via: "end" | "recover" | "reappear"; readonly reason: EndReason; readonly actor: Actor; readonly now: Date; readonly handleTargetId?: string | undefined },
): Promise<GrantState | null> {
  const state = nextState(grant.state, change.via);
  if (!state) return null;
  await tx.grant.update({
    where: { id: grant.id },
    data: {
      state,
      endReason: change.reason,
      endingAt: change.now,
      endedById: change.actor.kind === "person" ? change.actor.personId : null,
      attempts: 0,
      nextAttemptAt: null,
      acceptedAt: null,
      provenAt: null,
      closedAt: null,
      ...(change.handleTargetId ? { handleTargetId: change.handleTargetId } : {}),
    },
  });
  await tx.assignment.updateMany({ where: { grantId: grant.id, endedAt: null }, data: { endedAt: change.now } });
  await appendEvent(tx, {
    type: "grant.ending",
    at: change.now,
    actor: change.actor,
    subjects: subjectsOf(grant),
    data: { reason: change.reason },
    demo: grant.demo,
  });
  if (!grant.demo) await enqueueEnding(tx, grant.systemId);
  return state;
}

type EndGrant = {
  readonly actor: Actor;
  readonly grantId: string;
  readonly reason: EndReason;
  /** Whether the actor may, given the grant's people; decided by the caller's rule. */
  readonly permitted: (tx: Transaction, grant: LockedGrant) => Promise<boolean>;
  readonly clock?: Clock;
};

/** Ends a session. Answers the resulting state; asking again for what already ends changes nothing. */
export function endGrant(command: EndGrant): Promise<Result<{ state: GrantState }, "unknown-grant" | "not-permitted" | "not-live">> {
  const clock = command.clock ?? databaseClock;
  crashPoint("end:before-ending");
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, command.grantId);
    if (!grant) return refuse("unknown-grant");
    if (!(await command.permitted(tx, grant))) return refuse("not-permitted");
    const { actor, reason } = command;
    if (grant.state === "active") {
      const state = await markEnding(tx, grant, { via: "end", reason, actor, now: await clock.now(tx) });
      return ok({ state: state ?? grant.state });
    }
    return grant.endingAt === null ? refuse("not-live", { state: grant.state }) : ok({ state: grant.state });
  }, clock).finally(() => crashPoint("end:after-ending"));
}

/** Ends every live session whose time is over, by the database's clock; answers how many. */
export function endExpiredGrants(most = 200, clock: Clock = databaseClock): Promise<number> {
  crashPoint("expire:before-ending");
  return inTransaction(async (tx, now) => {
    const ids = await lockExpiredGrants(tx, now, most);
    for (const id of ids) {
      const grant = await lockGrant(tx, id);
      if (grant) await markEnding(tx, grant, { via: "end", reason: "expired", actor: worker, now });
    }
    return ids.length;
  }, clock).finally(() => crashPoint("expire:after-ending"));
}

/** Ends a live session whose idle time or uses are up, judged again under its lock. */
export async function endIfDue(tx: Transaction, grantId: string, now: Date): Promise<EndReason | null> {
  const grant = await lockGrant(tx, grantId);
  const reason = grant ? dueEnd(grant, now) : null;
  if (grant && reason) await markEnding(tx, grant, { via: "end", reason, actor: worker, now });
  return reason;
}

/** The target took the end: no login any more, sessions cut, role gone as far as the target says. */
export function recordAccepted(grantId: string, receipt: RevokeReceipt, clock: Clock = databaseClock): Promise<GrantState | null> {
  crashPoint("end:before-accepted");
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    const state = grant ? nextState(grant.state, "accept") : undefined;
    if (!grant || !state) return grant?.state ?? null;
    const now = await clock.now(tx);
    const statements = receipt.statements === null ? grant.statementCount : BigInt(receipt.statements);
    await tx.grant.update({
      where: { id: grantId },
      data: {
        state,
        acceptedAt: now,
        statementCount: statements,
        sessionsCut: receipt.sessionsCut,
        handleTargetId: grant.handleTargetId ?? receipt.handle.targetId ?? null,
        liveConnections: 0,
        nextAttemptAt: null,
        lastFailure: null,
      },
    });
    await appendUseTotals(tx, { ...grant, statementCount: statements }, now);
    await appendEvent(tx, {
      type: "grant.accepted",
      at: now,
      actor: worker,
      subjects: subjectsOf(grant),
      data: { sessionsCut: receipt.sessionsCut, alreadyGone: receipt.alreadyGone },
      demo: grant.demo,
    });
    for (const leftover of receipt.leftovers) {
      await openFinding(tx, {
        kind: "left-behind",
        key: `left-behind:${grantId}:${leftover.kind}:${leftover.where}.${leftover.name}`,
        title: `A session left a ${leftover.kind} behind: ${leftover.where}.${leftover.name}`,
        detail: { ...leftover },
        subjects: { grantId, systemId: grant.systemId, identityId: grant.identityId },
        actor: worker,
        now,
      });
    }
    return state;
  }, clock).finally(() => crashPoint("end:after-accepted"));
}

/** A probe showed that it no longer works; the last link says also what else still gives the entitlement. */
export function recordProven(
  grantId: string,
  proof: Extract<ProbeAnswer, { dead: true }>,
  stillGiven: readonly StillGiven[] | null,
  clock: Clock = databaseClock,
): Promise<GrantState | null> {
  crashPoint("end:before-proven");
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    const state = grant ? nextState(grant.state, "prove") : undefined;
    if (!grant || !state) return grant?.state ?? null;
    const now = await clock.now(tx);
    const looks = proof.lookedAt.map((at) => at.toISOString());
    await tx.grant.update({
      where: { id: grantId },
      data: {
        state,
        provenAt: now,
        closedAt: now,
        stuckSince: null,
        nextAttemptAt: null,
        lastFailure: null,
        proof: { ...proof, lookedAt: looks, facts: [...proof.facts] },
        ...(stillGiven ? { stillGiven: stillGiven.map((way) => ({ ...way, path: [...way.path] })) } : {}),
      },
    });
    await appendEvent(tx, {
      type: "grant.proven",
      at: now,
      actor: worker,
      subjects: subjectsOf(grant),
      data: {
        method: proof.method,
        strength: proof.strength,
        looks,
        seenBy: proof.seenBy,
        facts: [...proof.facts],
        stillGiven: (stillGiven ?? []).map(({ kind, credentialId, grantId: other }) => ({ kind, credentialId, grantId: other })),
        stillGivenKnown: stillGiven !== null,
      },
      demo: grant.demo,
    });
    if (grant.endReason === "superseded") await replaceGrant(tx, grant, now);
    await tellEnded(tx, now, grantId, `${endReasonWords(grant.endReason ?? "")}; it is proven that the credential no longer works`);
    return state;
  }, clock).finally(() => crashPoint("end:after-proven"));
}

/** An attempt to end or to prove failed: it is tried again, and after some attempts it is `stuck` and somebody is told. */
export function recordEndFailure(
  grantId: string,
  failure: { readonly step: "revoke" | "probe"; readonly code: string; readonly final: boolean },
  clock: Clock = databaseClock,
): Promise<GrantState | null> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (!grant || !["ending", "accepted", "stuck"].includes(grant.state)) return grant?.state ?? null;
    const now = await clock.now(tx);
    const attempts = grant.attempts + 1;
    const sticks = (attempts >= attemptsUntilStuck || failure.final) && grant.state !== "stuck";
    const nextAttemptAt = new Date(now.getTime() + retryDelayMs(attempts));
    const data: Prisma.GrantUpdateInput = { attempts, nextAttemptAt, lastFailure: failure.code };
    await tx.grant.update({ where: { id: grantId }, data: sticks ? { ...data, state: "stuck", stuckSince: now } : data });
    // An outage of hours is told once: the first attempts one by one, then that it is stuck.
    const common = { at: now, actor: worker, subjects: subjectsOf(grant), demo: grant.demo };
    if (attempts <= attemptsUntilStuck) {
      await appendEvent(tx, { type: "grant.end-failed", ...common, data: { step: failure.step, code: failure.code, attempt: attempts } });
    }
    if (sticks) {
      await appendEvent(tx, { type: "grant.stuck", ...common, data: { attempts, code: failure.code } });
      await tellStuck(tx, now, grantId);
    }
    await enqueueEnding(tx, grant.systemId, nextAttemptAt);
    return sticks ? "stuck" : grant.state;
  }, clock);
}

/** The target offers no probe: the end is accepted and stays unproven; says until when the credential can still work. */
export function recordNotProvable(grantId: string, why: string, clock: Clock = databaseClock): Promise<GrantState | null> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    const state = grant ? nextState(grant.state, "cannot-prove") : undefined;
    if (!grant || !state || grant.notAfter === null) return grant?.state ?? null;
    const now = await clock.now(tx);
    await tx.grant.update({ where: { id: grantId }, data: { state, nextAttemptAt: null, lastFailure: why } });
    const data = { why, worksUntil: grant.notAfter.toISOString() };
    await appendEvent(tx, { type: "grant.not-provable", at: now, actor: worker, subjects: subjectsOf(grant), data, demo: grant.demo });
    return state;
  }, clock);
}

/** Closes what could not be proven and can no longer work natively; it never counts as proven. */
export function closeUnproven(most = 200, clock: Clock = databaseClock): Promise<number> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.grant.findMany({ where: { state: "not-provable", notAfter: { lte: now } }, select: { id: true }, take: most });
    for (const { id } of rows) {
      const grant = await lockGrant(tx, id);
      if (!grant || nextState(grant.state, "outlive") === undefined) continue;
      await tx.grant.update({ where: { id }, data: { state: "expired-unproven", closedAt: now } });
      const data = { why: grant.lastFailure ?? "no probe" };
      await appendEvent(tx, { type: "grant.expired-unproven", at: now, actor: worker, subjects: subjectsOf(grant), data, demo: grant.demo });
      await tellEnded(tx, now, id, "its time is over; nobody could prove that the credential no longer works");
    }
    return rows.length;
  }, clock);
}
