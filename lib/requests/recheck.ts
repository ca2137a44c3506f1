import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { lockGrant, type LockedGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { subjectsOf } from "@/lib/grants/mutations";
import type { EndReason } from "@/lib/grants/types";
import { appendEvent } from "@/lib/ledger/append";
import { recordDecisions } from "./approval";
import { assess, type Assessment } from "./assessment";
import { readRequest } from "./data";
import { askOf } from "./decision";

const worker: Actor = { kind: "system", process: "worker" };

async function assessGrant(tx: Transaction, grant: LockedGrant, about: { moment: "activation" | "recheck"; now: Date }): Promise<Assessment | null> {
  const request = await readRequest(tx, grant.requestId);
  if (!request) return null;
  const ask = { ...askOf(request, grant.durationSeconds), entitlementIds: [grant.entitlementId] };
  return assess(tx, ask, about);
}

/** Asks policy at activation and records its answer; a code when nothing may be issued now. A fault refuses, too. */
export async function objectionToActivation(tx: Transaction, grant: LockedGrant, actor: Actor, now: Date): Promise<"policy-refuses" | "policy-fault" | null> {
  const assessment = await assessGrant(tx, grant, { moment: "activation", now });
  if (!assessment) return "policy-fault";
  await recordDecisions(tx, grant.requestId, assessment, { moment: "activation", actor, now, demo: grant.demo, grantId: grant.id });
  if (assessment.answers.length === 0 || assessment.answers.some(({ outcome }) => outcome === "fault")) return "policy-fault";
  return assessment.answers.every(({ outcome }) => outcome === "permit") ? null : "policy-refuses";
}

/**
 * Asks policy again about a live session. Only a decided no ends it; a fault leaves it alive and says since when nobody could
 * ask (DESIGN §2.6). A permit is noted without an event: it changes nothing.
 */
export function recheckGrant(grantId: string, clock: Clock = databaseClock): Promise<"kept" | "ended" | "not-rechecked" | "not-live"> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (grant?.state !== "active") return "not-live";
    const now = await clock.now(tx);
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

function reasonOf(assessment: Assessment): EndReason {
  return assessment.facts?.identity?.state === "suspended" ? "identity-suspended" : "context-changed";
}
