import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { propose, type Proposed } from "@/lib/proposals/mutations";

const dayMs = 86_400_000;

type ListEntry = {
  readonly actor: PersonActor;
  readonly personId: string | null;
  readonly teamId: string | null;
  readonly entitlementId: string;
  readonly days: number;
  readonly reason: string;
  readonly clock?: Clock;
};

/** Proposes an entry of the list for the worst day; it stands once another administrator has confirmed it. */
export async function proposeEntry({ actor, personId, teamId, entitlementId, days, reason, clock = databaseClock }: ListEntry): Promise<Result<Proposed, string>> {
  const scan = await findSecrets(reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now): Promise<Result<Proposed, string>> => {
    // One person is on no list twice for the same thing: the later end would hide behind the earlier one.
    const same = await tx.breakGlassEntry.findFirst({ where: { personId, teamId, entitlementId, endedAt: null, until: { gt: now } }, select: { id: true } });
    if (same) return refuse("already-listed");
    // To the end of a day: the same proposal made twice is the same.
    const until = new Date((Math.floor(now.getTime() / dayMs) + days + 1) * dayMs).toISOString();
    const subjects = { entitlement: entitlementId, ...(personId === null ? {} : { person: personId }) };
    return propose(tx, now, { kind: "list-break-glass", payload: { personId, teamId, entitlementId, until, reason }, subjects, actor });
  }, clock);
}

/** Takes somebody off the list; one administrator is enough to take a right away. */
export function endEntry({ actor, entryId, clock = databaseClock }: { readonly actor: PersonActor; readonly entryId: string; readonly clock?: Clock }): Promise<Result<{ state: "ended" }, "unknown-entry">> {
  return inTransaction(async (tx, now): Promise<Result<{ state: "ended" }, "unknown-entry">> => {
    const { count } = await tx.breakGlassEntry.updateMany({ where: { id: entryId, endedAt: null }, data: { endedAt: now, endedById: actor.personId } });
    const entry = count === 0 ? null : await tx.breakGlassEntry.findUnique({ where: { id: entryId }, select: { entitlementId: true, personId: true } });
    if (!entry) return refuse("unknown-entry");
    const subjects = { entitlement: entry.entitlementId, ...(entry.personId === null ? {} : { person: entry.personId }) };
    await appendEvent(tx, { type: "break-glass.unlisted", at: now, actor, subjects, data: { entryId } });
    return ok({ state: "ended" as const });
  }, clock);
}
