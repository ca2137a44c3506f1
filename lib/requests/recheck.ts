import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { lockGrant, type LockedGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { subjectsOf } from "@/lib/grants/mutations";
import type { EndReason } from "@/lib/grants/types";
import { appendEvent } from "@/lib/ledger/append";
import { coversStages } from "@/lib/policies/rules";
import type { StageNeed } from "@/lib/policies/types";
import { ticketRefusals } from "@/lib/tickets/binding";
import type { TicketRefusalCode } from "@/lib/tickets/types";
import { askOf, recordDecisions } from "./approval";
import { assess, type Assessment } from "./assessment";
import { readRequest } from "./data";
import { wantsStepUp } from "./confirming";
import { givenTermsOf } from "./rules";

const worker: Actor = { kind: "system", process: "worker" };

async function assessGrant(tx: Transaction, grant: LockedGrant, about: { moment: "activation" | "recheck"; now: Date }): Promise<Assessment | null> {
  const request = await readRequest(tx, grant.requestId);
  if (!request) return null;
  const terms = { ...givenTermsOf(request), durationSeconds: grant.durationSeconds, entitlementIds: [grant.entitlementId] };
  return assess(tx, askOf(request, terms), about);
}

/** Asks policy at activation and records its answer; a code when nothing may be issued now. A fault refuses, too. */
export async function objectionToActivation(tx: Transaction, grant: LockedGrant, actor: Actor, now: Date): Promise<"policy-refuses" | "policy-fault" | "policy-stricter" | TicketRefusalCode | null> {
  const assessment = await assessGrant(tx, grant, { moment: "activation", now });
  if (!assessment) return "policy-fault";
  await recordDecisions(tx, grant.requestId, assessment, { moment: "activation", actor, now, demo: grant.demo, grantId: grant.id });
  const refused = assessment.answers.some(({ outcome }) => outcome === "refuse");
  const permitted = assessment.answers.length > 0 && assessment.answers.every(({ outcome }) => outcome === "permit");
  if (!permitted) return refused ? "policy-refuses" : "policy-fault";
  if (!(await stillCovered(tx, grant.requestId, assessment))) return "policy-stricter";
  if (wantsStepUp(assessment) && (await wasUnconfirmed(tx, grant.requestId))) return "policy-stricter";
  return (await ticketRefusals(tx, grant.requestId, { moment: "activation", actor, now, grantId: grant.id }))?.code ?? null;
}

/** Policy may have become stricter since the approval: what was approved must still be enough for what it demands now. */
async function stillCovered(tx: Transaction, requestId: string, { outcome, stages: demanded }: Assessment): Promise<boolean> {
  // Nobody new is asked at activation: who could approve today does not matter, what was approved does.
  if (!outcome.ok) return outcome.code === "nobody-can-approve" && coversStages(await approvedStages(tx, requestId), demanded);
  return coversStages(await approvedStages(tx, requestId), outcome.value.stages);
}

/** Whether it was approved without a passkey by somebody. */
async function wasUnconfirmed(tx: Transaction, requestId: string): Promise<boolean> {
  return (await tx.vote.findFirst({ where: { requestId, answer: "approve", voidedAt: null, proofId: null }, select: { id: true } })) !== null;
}

async function approvedStages(tx: Transaction, requestId: string): Promise<StageNeed[]> {
  const stages = await tx.stage.findMany({
    where: { requestId, state: "approved" },
    select: { source: true, _count: { select: { votes: { where: { answer: "approve", voidedAt: null } } } } },
  });
  return stages.map(({ source, _count }) => ({ source: source as StageNeed["source"], needed: _count.votes }));
}

/**
 * Asks policy again about a live session. Only a decided no ends it; a fault leaves it alive and says since when nobody could
 * ask. A permit is noted without an event: it changes nothing.
 */
export function recheckGrant(grantId: string, clock: Clock = databaseClock): Promise<"kept" | "ended" | "not-rechecked" | "not-live"> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (grant?.state !== "active") return "not-live";
    const now = await clock.now(tx);
    if (await requesterHasLeft(tx, grant.requesterId)) {
      await markEnding(tx, grant, { via: "end", reason: "owner-left", actor: worker, now });
      return "ended";
    }
    const assessment = await assessGrant(tx, grant, { moment: "recheck", now });
    const refused = assessment?.answers.some(({ outcome }) => outcome === "refuse") ?? false;
    const asked = assessment !== null && assessment.answers.length > 0 && assessment.answers.every(({ outcome }) => outcome !== "fault");
    if (refused && assessment) {
      await recordDecisions(tx, grant.requestId, assessment, { moment: "recheck", actor: worker, now, demo: grant.demo, grantId });
      await markEnding(tx, grant, { via: "end", reason: reasonOf(assessment), actor: worker, now });
      return "ended";
    }
    if (asked) {
      await tx.grant.update({ where: { id: grantId }, data: { recheckedAt: now, notRecheckedSince: null } });
      return "kept";
    }
    if (grant.notRecheckedSince === null) {
      const since = grant.recheckedAt ?? grant.activatedAt ?? now;
      await tx.grant.update({ where: { id: grantId }, data: { notRecheckedSince: since } });
      const data = { since: since.toISOString() };
      await appendEvent(tx, { type: "grant.not-rechecked", at: now, actor: worker, subjects: subjectsOf(grant), data, demo: grant.demo });
    }
    return "not-rechecked";
  }, clock);
}

/** Whoever holds the credential has left: caught here where it was being issued at that very moment. */
async function requesterHasLeft(tx: Transaction, requesterId: string | null): Promise<boolean> {
  return requesterId !== null && (await tx.person.count({ where: { id: requesterId, leftAt: { not: null } } })) > 0;
}

function reasonOf({ facts }: Assessment): EndReason {
  return facts?.identity?.state === "suspended" ? "identity-suspended" : "context-changed";
}
