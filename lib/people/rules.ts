import { roles, type Role } from "@/lib/auth/permissions";
import type { LeavingRefusal, RoleRefusal } from "./types";

/** What the decision needs to know; `administrators` are those who have not left. */
export type Leaving = {
  readonly actorId: string;
  readonly person: { readonly id: string; readonly left: boolean } | null;
  readonly administrators: readonly string[];
};

/** Whether a person may be set to left; null when nothing stands against it. */
export function whyNotLeave({ actorId, person, administrators }: Leaving): LeavingRefusal | null {
  if (!person) return "person-unknown";
  if (person.id === actorId) return "yourself";
  // Two administrators who set each other to left: the second one has no say any more.
  if (!administrators.includes(actorId)) return "no-longer-administrator";
  if (person.left) return "already-left";
  if (administrators.every((id) => id === person.id)) return "last-administrator";
  return null;
}

/** Roles that nobody gives alone once there are two administrators. */
export function needsSecondAdministrator(role: Role): boolean {
  return role === "administrator" || role === "auditor";
}

/** Whether a role may be taken; null when nothing stands against it. */
export function whyNotTakeRole(taking: {
  readonly actorId: string;
  readonly personId: string;
  readonly role: Role;
  readonly administrators: readonly string[];
}): RoleRefusal | null {
  const { actorId, personId, role, administrators } = taking;
  if (!administrators.includes(actorId)) return "no-longer-administrator";
  if (role === "administrator" && administrators.every((id) => id === personId)) return "last-administrator";
  return null;
}

/** Of the roles that a leaver held, those that nobody has again just by coming back. */
export function rolesLostByReturn(held: readonly string[]): string[] {
  return roles.filter((role) => held.includes(role) && needsSecondAdministrator(role));
}
