import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";

/** What a second administrator confirms: who may break which glass until when. */
export const listingSchema = z.strictObject({
  personId: z.uuid().nullable(),
  teamId: z.uuid().nullable(),
  entitlementId: z.uuid(),
  until: z.iso.datetime(),
  reason: z.string(),
});

/** Puts an entry on the list, in the transaction that confirms it. */
export async function applyListing(
  tx: Transaction,
  { personId, teamId, entitlementId, until, reason }: z.output<typeof listingSchema>,
  { actor, now }: { readonly actor: PersonActor; readonly now: Date },
): Promise<Result<{ entryId: string }, "unknown-holder" | "unknown-entitlement" | "over-already">> {
  const holders = personId === null ? await tx.team.count({ where: { id: teamId ?? "" } }) : await tx.person.count({ where: { id: personId, leftAt: null } });
  if (holders === 0) return refuse("unknown-holder");
  if ((await tx.entitlement.count({ where: { id: entitlementId, requestable: true } })) === 0) return refuse("unknown-entitlement");
  if (new Date(until) <= now) return refuse("over-already");
  const id = newId();
  await tx.breakGlassEntry.create({ data: { id, personId, teamId, entitlementId, reason, since: now, until: new Date(until), confirmedById: actor.personId } });
  await appendEvent(tx, {
    type: "break-glass.listed",
    at: now,
    actor,
    subjects: { entitlement: entitlementId, ...(personId === null ? {} : { person: personId }) },
    data: { entryId: id, personId, teamId, until },
    clear: { reason },
  });
  return ok({ entryId: id });
}
