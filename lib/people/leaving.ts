import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { revokePasskeys } from "@/lib/passkeys/keeping";
import { startHandOvers } from "@/lib/succession/mutations";
import { endOwnAccess } from "@/lib/succession/own-access";
import { enqueueReroute } from "@/lib/worker/enqueue";
import { rolesLostByReturn } from "./rules";

type Moving = { readonly personId: string; readonly actor: Actor };

/** Streams of this person look at once whether they are still signed in (`app/api/stream`). Sent at commit. */
export async function tellStreams(tx: Transaction, personId: string): Promise<void> {
  await tx.$queryRaw`select 1 as told from pg_notify('curfew_sign_out', ${personId}::text)`;
}

/**
 * Somebody leaves, in the caller's transaction, who has locked the person and judged it: every sign-in ends, their
 * passkeys are taken back, what they asked for ends, and what they answered for is offered to others. The person is kept.
 */
export async function markLeft(tx: Transaction, now: Date, { personId, actor }: Moving): Promise<{ signInsEnded: number }> {
  await tx.person.update({ where: { id: personId }, data: { leftAt: now } });
  const { count } = await tx.signIn.deleteMany({ where: { personId } });
  await appendEvent(tx, { type: "person.left", at: now, actor, subjects: { person: personId }, data: { personId, signInsEnded: count } });
  await revokePasskeys(tx, now, { personId, actor });
  await tellStreams(tx, personId);
  await endOwnAccess(tx, { personId, actor, now });
  await startHandOvers(tx, now, { personId, actor });
  await enqueueReroute(tx, { personIds: [personId] });
  return { signInsEnded: count };
}

/** Somebody comes back. Roles that need a second administrator do not come back by themselves. */
export async function markReturned(tx: Transaction, now: Date, { personId, actor }: Moving): Promise<void> {
  await tx.person.update({ where: { id: personId }, data: { leftAt: null } });
  const held = await tx.personRole.findMany({ where: { personId }, select: { role: true } });
  const rolesTaken = rolesLostByReturn(held.map(({ role }) => role));
  await tx.personRole.deleteMany({ where: { personId, role: { in: rolesTaken } } });
  await appendEvent(tx, { type: "person.returned", at: now, actor, subjects: { person: personId }, data: { personId, rolesTaken } });
  // Of those who left before passkeys were taken back with them.
  await revokePasskeys(tx, now, { personId, actor });
  await enqueueReroute(tx, { personIds: [personId] });
}
