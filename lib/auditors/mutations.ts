import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { propose, type Proposed } from "@/lib/proposals/mutations";
import { whyNotGive } from "./engaging";
import { isOver } from "./rules";
import type { EngagementRefusal } from "./types";

type Engaging = {
  readonly actor: PersonActor;
  readonly personId: string;
  /** The last day on which anything is seen, whole, in UTC. */
  readonly lastDay: string;
  readonly fromDay: string;
  readonly toDay: string;
  readonly systemIds: readonly string[];
  readonly names: boolean;
  readonly reason: string;
  readonly clock?: Clock;
};

const dayMs = 86_400_000;

/** Gives an auditor a bounded view, also in place of the one they have; a second administrator confirms it where there are two. */
export async function engage({ actor, personId, lastDay, fromDay, toDay, systemIds, names, reason, clock = databaseClock }: Engaging): Promise<Result<Proposed, string>> {
  if (personId === actor.personId) return refuse("yourself");
  const scan = await findSecrets(reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  const until = new Date(Date.parse(`${lastDay}T00:00:00.000Z`) + dayMs).toISOString();
  const payload = { personId, until, fromDay, toDay, systemIds: [...new Set(systemIds)].sort().join(","), names, reason };
  return inTransaction(async (tx, now): Promise<Result<Proposed, string>> => {
    const refusal = await whyNotGive(tx, payload, now);
    if (refusal) return refuse(refusal);
    return propose(tx, now, { kind: "engage-auditor", payload, subjects: { person: personId }, actor });
  }, clock);
}

type Changing = { readonly actor: PersonActor; readonly engagementId: string; readonly clock?: Clock };

/** Ends an engagement before its time. One administrator is enough to take a view away. */
export function endEngagement({ actor, engagementId, clock = databaseClock }: Changing): Promise<Result<{ state: "ended" }, EngagementRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ state: "ended" }, EngagementRefusal>> => {
    const { count } = await tx.engagement.updateMany({ where: { id: engagementId, endedAt: null, liftedAt: null, until: { gt: now } }, data: { endedAt: now } });
    if (count === 0) return refuse("engagement-unknown");
    const { personId } = await tx.engagement.findUniqueOrThrow({ where: { id: engagementId }, select: { personId: true } });
    await appendEvent(tx, { type: "auditor.engagement-ended", at: now, actor, subjects: { person: personId }, data: { engagementId } });
    return ok({ state: "ended" });
  }, clock);
}

/** Removes an engagement that is over: the person is one without a role from then on. */
export function removeEngagement({ actor, engagementId, clock = databaseClock }: Changing): Promise<Result<{ state: "removed" }, EngagementRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ state: "removed" }, EngagementRefusal>> => {
    const engagement = await tx.engagement.findFirst({ where: { id: engagementId, liftedAt: null }, select: { personId: true, until: true, endedAt: true } });
    if (!engagement) return refuse("engagement-unknown");
    if (!isOver(engagement, now)) return refuse("still-in-force");
    const { count } = await tx.engagement.updateMany({ where: { id: engagementId, liftedAt: null }, data: { liftedAt: now } });
    if (count === 0) return refuse("engagement-unknown");
    await appendEvent(tx, { type: "auditor.engagement-removed", at: now, actor, subjects: { person: engagement.personId }, data: { engagementId } });
    return ok({ state: "removed" });
  }, clock);
}
