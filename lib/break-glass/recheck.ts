import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { lockGrant, type LockedGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { subjectsOf } from "@/lib/grants/mutations";
import { appendEvent } from "@/lib/ledger/append";
import type { Moment } from "@/lib/policies/types";
import { askAboutGlass, recordAnswer } from "./judging";
import { basisOfAnswer } from "./rules";
import { incidentChecks } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

/** Asks policy about a broken glass again, as things are now. */
async function askAgain(tx: Transaction, requestId: string, moment: Moment, now: Date) {
  const glass = await tx.breakGlass.findFirst({ where: { request: { id: requestId }, state: "open" } });
  if (!glass) return null;
  const { personId, identityId, entitlementId, durationSeconds, incident, sourceAddress } = glass;
  const incidentCheck = incidentChecks.find((known) => known === glass.incidentCheck) ?? "unknown";
  const asked = await askAboutGlass(tx, { personId, identityId, entitlementId, durationSeconds, incident, incidentCheck, escalates: null, sourceAddress }, { moment, now });
  return asked.ok ? { ...asked.value, basis: glass.basis === "list" ? ("list" as const) : ("policy" as const) } : null;
}

/** Asks policy at activation and records its answer; a code when nothing may be issued now. A fault stands only against what the list does not give. */
export async function objectionToEmergency(tx: Transaction, grant: LockedGrant, actor: Actor, now: Date): Promise<"policy-refuses" | "policy-fault" | null> {
  const asked = await askAgain(tx, grant.requestId, "activation", now);
  if (!asked) return "policy-fault";
  await recordAnswer(tx, asked.answer, { moment: "activation", subjects: subjectsOf(grant), actor, now, demo: grant.demo });
  const verdict = basisOfAnswer(asked.answer, asked.basis, asked.entryId !== null);
  if (verdict === "refused") return "policy-refuses";
  return verdict === "fault" ? "policy-fault" : null;
}

/** Asks policy again about a live emergency. Only a decided no ends it; a fault leaves it alive and says since when nobody could ask. */
export function recheckEmergency(grantId: string, clock: Clock = databaseClock): Promise<"kept" | "ended" | "not-rechecked" | "not-live"> {
  return inTransaction(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (grant?.state !== "active") return "not-live";
    const now = await clock.now(tx);
    if (grant.requesterId !== null && (await tx.person.count({ where: { id: grant.requesterId, leftAt: { not: null } } })) > 0) {
      await markEnding(tx, grant, { via: "end", reason: "owner-left", actor: worker, now });
      return "ended";
    }
    const asked = await askAgain(tx, grant.requestId, "recheck", now);
    if (asked && basisOfAnswer(asked.answer, asked.basis, true) === "refused") {
      await recordAnswer(tx, asked.answer, { moment: "recheck", subjects: subjectsOf(grant), actor: worker, now, demo: grant.demo });
      const reason = asked.identity.state === "suspended" ? "identity-suspended" : "context-changed";
      await markEnding(tx, grant, { via: "end", reason, actor: worker, now });
      return "ended";
    }
    if (asked && asked.answer.outcome !== "fault") {
      await tx.grant.update({ where: { id: grantId }, data: { recheckedAt: now, notRecheckedSince: null } });
      return "kept";
    }
    if (grant.notRecheckedSince === null) {
      const since = grant.recheckedAt ?? grant.activatedAt ?? now;
      await tx.grant.update({ where: { id: grantId }, data: { notRecheckedSince: since } });
      await appendEvent(tx, { type: "grant.not-rechecked", at: now, actor: worker, subjects: subjectsOf(grant), data: { since: since.toISOString() }, demo: grant.demo });
    }
    return "not-rechecked";
  }, clock);
}
