import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueueReroute } from "@/lib/worker/enqueue";
import { whyNotDelegate, whyNotSpan } from "./rules";
import type { TeamRefusal } from "./types";

type Delegate = { readonly actor: PersonActor; readonly delegateId: string; readonly from: Date; readonly until: Date };

/**
 * Lets somebody else decide on the actor's seat for a while: what already waits, and what comes. Only oneself can say so. One
 * delegation at a time: a new one takes the place of what is still to come.
 */
export function delegateApprovals({ actor, delegateId, from, until }: Delegate): Promise<Result<{ until: Date }, TeamRefusal>> {
  const { personId } = actor;
  return inTransaction(async (tx, now): Promise<Result<{ until: Date }, TeamRefusal>> => {
    await tx.$queryRaw`select id from people where id = ${personId}::uuid for update`;
    const delegate = await tx.person.findUnique({ where: { id: delegateId }, select: { leftAt: true, roles: { select: { role: true } } } });
    const decides = allows(delegate?.roles.map(({ role }) => role) ?? [], "request:decide");
    const code = whyNotSpan({ from, until, now }) ?? whyNotDelegate({ personId, delegateId, isHere: delegate?.leftAt === null, decides });
    if (code) return refuse(code);
    await endRunning(tx, actor, now);
    await tx.delegation.create({ data: { id: newId(), personId, delegateId, fromAt: from, untilAt: until, setAt: now } });
    const data = { personId, delegateId, from: from.toISOString(), until: until.toISOString() };
    await appendEvent(tx, { type: "person.delegation-set", at: now, actor, subjects: { person: personId }, data });
    await enqueueReroute(tx, { personIds: [personId, delegateId] });
    return ok({ until });
  });
}

/** Takes one's own approvals back. */
export function endDelegation({ actor, delegateId }: { readonly actor: PersonActor; readonly delegateId: string }): Promise<Result<{ ended: true }, TeamRefusal>> {
  return inTransaction(async (tx, now): Promise<Result<{ ended: true }, TeamRefusal>> => {
    await tx.$queryRaw`select id from people where id = ${actor.personId}::uuid for update`;
    return (await endRunning(tx, actor, now, delegateId)) ? ok({ ended: true }) : refuse("over-already");
  });
}

/** A delegation that began stays as history, since it is asked later who acted for whom; one that did not begin is gone. */
async function endRunning(tx: Transaction, actor: PersonActor, now: Date, only?: string): Promise<boolean> {
  const { personId } = actor;
  const rows = await tx.delegation.findMany({ where: { personId, untilAt: { gt: now }, ...(only === undefined ? {} : { delegateId: only }) }, select: { id: true, delegateId: true, fromAt: true } });
  for (const { id, delegateId, fromAt } of rows) {
    if (fromAt < now) await tx.delegation.update({ where: { id }, data: { untilAt: now } });
    else await tx.delegation.delete({ where: { id } });
    await appendEvent(tx, { type: "person.delegation-ended", at: now, actor, subjects: { person: personId }, data: { personId, delegateId } });
    await enqueueReroute(tx, { personIds: [personId, delegateId] });
  }
  return rows.length > 0;
}
