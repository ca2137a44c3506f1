import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { closeFinding, openFinding } from "@/lib/findings/mutations";

const worker: Actor = { kind: "system", process: "worker" };

type Look = { readonly systemId: string; readonly observedAt: Date; readonly now: Date };
type Back = { id: string; identity_id: string; name: string; handle: string; kind: string; suspension_id: string };

const keyOf = (partId: string) => `suspension-undone-outside:${partId}`;
const taken = { rehearsal: "rehearsed", suspension: "suspended", offboarding: "offboarded" } as const;

/**
 * Compares what was just discovered with suspensions that were proven: a credential that can sign in again although nobody
 * undid it in Curfew is a finding, until it cannot again or the suspension is undone. What was read before the proof says
 * nothing against it.
 */
export async function noteUndoneOutside(tx: Transaction, { systemId, observedAt, now }: Look): Promise<void> {
  const back = await tx.$queryRaw<Back[]>`
    select c.id, s.identity_id, i.name, c.handle, s.kind, s.id as suspension_id
    from suspended_credentials c join suspensions s on s.id = c.suspension_id join identities i on i.id = s.identity_id join credentials k on k.id = c.credential_id
    where c.system_id = ${systemId}::uuid and c.proven_at < ${observedAt}::timestamptz and c.back_at is null
      and s.state = 'proven' and s.undo_ordered_at is null and k.is_enabled and k.vanished_at is null order by c.id`;
  for (const { id, identity_id, name, handle, kind, suspension_id } of back) {
    await tx.suspendedCredential.update({ where: { id }, data: { backAt: now } });
    await openFinding(tx, {
      kind: "suspension-undone-outside",
      key: keyOf(id),
      title: `${name} is ${taken[kind as keyof typeof taken]}, and ${handle} can sign in again: not by Curfew`,
      detail: { suspensionId: suspension_id, handle },
      subjects: { identityId: identity_id, systemId },
      actor: worker,
      now,
    });
  }
  const over = await tx.$queryRaw<{ id: string }[]>`
    select c.id from suspended_credentials c join suspensions s on s.id = c.suspension_id join credentials k on k.id = c.credential_id
    where c.system_id = ${systemId}::uuid and c.back_at is not null and (not k.is_enabled or k.vanished_at is not null) and s.undo_ordered_at is null order by c.id`;
  for (const { id } of over) await forget(tx, id, { actor: worker, now });
}

/** An undo makes right what somebody did outside: nothing is left to find. */
export async function settleUndoneOutside(tx: Transaction, suspensionId: string, about: { readonly actor: Actor; readonly now: Date }): Promise<void> {
  const parts = await tx.suspendedCredential.findMany({ where: { suspensionId, backAt: { not: null } }, select: { id: true }, orderBy: { id: "asc" } });
  for (const { id } of parts) await forget(tx, id, about);
}

async function forget(tx: Transaction, id: string, { actor, now }: { readonly actor: Actor; readonly now: Date }): Promise<void> {
  await tx.suspendedCredential.update({ where: { id }, data: { backAt: null } });
  await closeFinding(tx, { key: keyOf(id), actor, now });
}
