import { roles, type Role } from "@/lib/auth/permissions";
import type { LeavingRefusal, RoleRefusal, TeamRefusal } from "./types";

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

/** Whether somebody may decide on another's seat; null when nothing stands against it. */
export function whyNotDelegate(to: { readonly personId: string; readonly delegateId: string; readonly isHere: boolean; readonly decides: boolean }): TeamRefusal | null {
  if (to.personId === to.delegateId) return "delegate-yourself";
  if (!to.isHere) return "stand-in-not-here";
  return to.decides ? null : "delegate-cannot-decide";
}

/** A year: longer is no absence and no duty, but a change of who it is. */
const longestSpanMs = 366 * 24 * 60 * 60 * 1_000;

/** Whether somebody may be on call or away for this time; null when nothing stands against it. */
export function whyNotSpan({ from, until, now }: { readonly from: Date; readonly until: Date; readonly now: Date }): TeamRefusal | null {
  if (until <= from) return "ends-before-it-begins";
  if (until <= now) return "ends-in-the-past";
  return until.getTime() - from.getTime() > longestSpanMs ? "too-long" : null;
}
