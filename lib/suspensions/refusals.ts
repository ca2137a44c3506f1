import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { LoggedSignIn } from "@/lib/connectors/contract";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { lockSuspension } from "./data";
import { orderUndo, subjectsOf } from "./mutations";

const worker: Actor = { kind: "system", process: "worker" };

/**
 * Sign-ins that a target refused because a suspension took them: somebody still needs the identity. The first one is told,
 * and undoes a rehearsal that was to end with it.
 */
export async function noteRefusals(tx: Transaction, systemId: string, refused: readonly LoggedSignIn[], now: Date): Promise<void> {
  for (const { name, at } of refused) {
    const rows = await tx.$queryRaw<{ id: string }[]>`
      select s.id::text as id from suspensions s join suspended_credentials c on c.suspension_id = s.id
      where c.system_id = ${systemId}::uuid and c.handle = ${name} and s.closed_at is null and s.refused_login_at is null
        and s.undo_ordered_at is null and s.ordered_at <= ${at}::timestamptz order by s.id`;
    for (const { id } of rows) await noteRefusal(tx, id, at, now);
  }
}

async function noteRefusal(tx: Transaction, suspensionId: string, at: Date, now: Date): Promise<void> {
  const suspension = await lockSuspension(tx, suspensionId);
  if (!suspension || suspension.refusedLoginAt !== null) return;
  await tx.suspension.update({ where: { id: suspensionId }, data: { refusedLoginAt: at } });
  const data = { suspensionId, at: at.toISOString() };
  await appendEvent(tx, { type: "suspension.refused-login", at: now, actor: worker, subjects: subjectsOf(suspension), data });
  if (suspension.undoAtFirstRefusal) await orderUndo(tx, now, { suspensionId, actor: worker, why: "refused-login" });
}
