import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/transaction";
import { propose } from "@/lib/proposals/mutations";
import type { ProposeRefusal } from "@/lib/proposals/types";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { applyRole, isEngaged, lockAdministrators, removeRole } from "./roles";
import { needsSecondAdministrator } from "./rules";
import type { RoleRefusal } from "./types";

type ChangeRole = { readonly actor: PersonActor; readonly personId: string; readonly role: Role };

/** What became of giving a role. */
export type RoleGiven = { readonly state: "given" } | { readonly state: "waiting"; readonly proposalId: string };

/** Gives a person a role. Making an administrator or auditor waits for a second administrator, once there are two. */
export function giveRoleTo({ actor, personId, role }: ChangeRole): Promise<Result<RoleGiven, RoleRefusal | ProposeRefusal | string>> {
  return inTransaction(async (tx, now): Promise<Result<RoleGiven, RoleRefusal | ProposeRefusal | string>> => {
    const administrators = await lockAdministrators(tx);
    if (!administrators.includes(actor.personId)) return refuse("no-longer-administrator");
    const person = await tx.person.findUnique({
      where: { id: personId },
      select: { leftAt: true, roles: { where: { role }, select: { role: true } } },
    });
    if (!person) return refuse("person-unknown");
    if (person.leftAt !== null) return refuse("already-left");
    if (person.roles.length > 0) return refuse("holds-it-already");
    if (await isEngaged(tx, personId)) return refuse("has-engagement");
    if (!needsSecondAdministrator(role)) {
      const given = await applyRole(tx, { personId, role, actor, now });
      return given.ok ? ok({ state: "given" }) : given;
    }
    const proposed = await propose(tx, now, { kind: "give-role", payload: { personId, role }, subjects: { person: personId }, actor });
    if (!proposed.ok) return proposed;
    return ok(proposed.value.state === "applied" ? { state: "given" } : proposed.value);
  });
}

/** Takes a role from a person, at once. */
export function takeRoleFrom({ actor, personId, role }: ChangeRole): Promise<Result<{ role: Role }, RoleRefusal>> {
  return inTransaction((tx, now) => removeRole(tx, { personId, role, actor, now }));
}
