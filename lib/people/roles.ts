import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueueReroute } from "@/lib/worker/enqueue";
import { whyNotTakeRole } from "./rules";
import type { RoleRefusal } from "./types";

/** Administrators who have not left; until the transaction ends, nobody else changes who they are. */
export async function lockAdministrators(tx: Transaction): Promise<string[]> {
  // A statement of its own: whoever waited for it then reads what the one before has committed. Row locks would not do, since
  // a role that was taken changes no row of people.
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:administrators', 0))`;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select p.id from people p join person_roles r on r.person_id = p.id and r.role = 'administrator'
    where p.left_at is null order by p.id limit 1000`;
  return rows.map(({ id }) => id);
}

type RoleChange = { readonly personId: string; readonly role: Role; readonly actor: Actor; readonly now: Date };

/** Gives a role in the caller's transaction. */
export async function applyRole(tx: Transaction, { personId, role, actor, now }: RoleChange): Promise<Result<{ role: Role }, RoleRefusal>> {
  const rows = await tx.$queryRaw<{ left_at: Date | null }[]>`select left_at from people where id = ${personId}::uuid for update`;
  if (rows.length === 0) return refuse("person-unknown");
  if (rows[0]?.left_at) return refuse("already-left");
  if (await isEngaged(tx, personId)) return refuse("has-engagement");
  const { count } = await tx.personRole.createMany({ data: { personId, role, since: now }, skipDuplicates: true });
  if (count === 0) return refuse("holds-it-already");
  await appendEvent(tx, { type: "person.role-given", at: now, actor, subjects: { person: personId }, data: { personId, role } });
  await enqueueReroute(tx, { personIds: [personId] });
  return ok({ role });
}

/** Whether an engagement says all that a person may see. */
export async function isEngaged(tx: Transaction, personId: string): Promise<boolean> {
  return (await tx.engagement.count({ where: { personId, liftedAt: null } })) > 0;
}

/** Takes a role in the caller's transaction. The last administrator keeps theirs. */
export async function removeRole(tx: Transaction, change: RoleChange & { readonly actor: PersonActor }): Promise<Result<{ role: Role }, RoleRefusal>> {
  const { personId, role, actor, now } = change;
  const administrators = await lockAdministrators(tx);
  const code = whyNotTakeRole({ actorId: actor.personId, personId, role, administrators });
  if (code) return refuse(code);
  const { count } = await tx.personRole.deleteMany({ where: { personId, role } });
  if (count === 0) return refuse("does-not-hold-it");
  await appendEvent(tx, { type: "person.role-taken", at: now, actor, subjects: { person: personId }, data: { personId, role } });
  await enqueueReroute(tx, { personIds: [personId] });
  return ok({ role });
}
