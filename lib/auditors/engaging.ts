import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { whyNotEngage } from "./rules";
import type { EngagementRefusal } from "./types";

/** What a second administrator confirms. Systems are ids between commas; none means every system. */
export const engagementSchema = z.strictObject({
  personId: z.uuid(),
  until: z.iso.datetime(),
  fromDay: z.iso.date(),
  toDay: z.iso.date(),
  systemIds: z.string(),
  names: z.boolean(),
  reason: z.string(),
});
export type EngagementTerms = z.output<typeof engagementSchema>;

/** The ids of an engagement's systems. */
export const systemsOf = ({ systemIds }: Pick<EngagementTerms, "systemIds">): string[] => systemIds.split(",").filter(Boolean);

/** Why these terms cannot be given to this person; null when they can. Locks the person. */
export async function whyNotGive(tx: Transaction, terms: EngagementTerms, now: Date): Promise<EngagementRefusal | null> {
  const rows = await tx.$queryRaw<{ left_at: Date | null }[]>`select left_at from people where id = ${terms.personId}::uuid for update`;
  if (rows.length === 0) return "person-unknown";
  if (rows[0]?.left_at) return "already-left";
  // Whoever asks, decides or runs Curfew is no auditor from outside.
  if ((await tx.personRole.count({ where: { personId: terms.personId, role: { not: "auditor" } } })) > 0) return "holds-roles";
  const systemIds = systemsOf(terms);
  if ((await tx.system.count({ where: { id: { in: systemIds } } })) !== systemIds.length) return "system-unknown";
  return whyNotEngage({ ...terms, until: new Date(terms.until) }, now);
}

type Doing = { readonly actor: PersonActor; readonly now: Date };

/**
 * Gives an engagement in the caller's transaction, in place of the one before. It takes the role auditor away: what the
 * engagement shows is all there is, and when it is removed nothing is left.
 */
export async function applyEngagement(tx: Transaction, terms: EngagementTerms, { actor, now }: Doing): Promise<Result<{ engagementId: string }, EngagementRefusal>> {
  const refusal = await whyNotGive(tx, terms, now);
  if (refusal) return refuse(refusal);
  const { personId, until, fromDay, toDay, names, reason } = terms;
  const systemIds = systemsOf(terms);
  const { count } = await tx.personRole.deleteMany({ where: { personId, role: "auditor" } });
  if (count > 0) await appendEvent(tx, { type: "person.role-taken", at: now, actor, subjects: { person: personId }, data: { personId, role: "auditor" } });
  await tx.engagement.updateMany({ where: { personId, liftedAt: null }, data: { liftedAt: now } });
  const id = newId();
  await tx.engagement.create({ data: { id, personId, since: now, until: new Date(until), fromDay, toDay, systemIds, names, reason, givenById: actor.personId } });
  await appendEvent(tx, {
    type: "auditor.engaged",
    at: now,
    actor,
    subjects: { person: personId },
    data: { engagementId: id, personId, until, fromDay, toDay, systemIds, names },
    clear: { reason },
  });
  return ok({ engagementId: id });
}
