import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { databaseClock, inTransaction, type Clock } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import type { Profile } from "./types";

type Registration = {
  readonly actor: Actor;
  readonly clock?: Clock;
  readonly demo?: boolean;
};

/** Makes a person known before their first sign-in; answers the id. Known already by issuer and subject: nothing changes. */
export function registerPerson(profile: Profile, { actor, clock = databaseClock, demo = false }: Registration): Promise<string> {
  const { issuer, subject, name, email } = profile;
  return inTransaction(async (tx, now) => {
    const known = await tx.person.findUnique({ where: { issuer_subject: { issuer, subject } }, select: { id: true } });
    if (known) return known.id;
    const id = newId();
    await tx.person.create({ data: { id, issuer, subject, name, email, createdAt: now, demo } });
    await appendEvent(tx, { type: "person.created", at: now, actor, subjects: { person: id }, data: { personId: id }, clear: { name, email }, demo });
    return id;
  }, clock);
}

/** Gives a person a role; holding it already changes nothing. */
export function giveRole(personId: string, role: Role, { actor, clock = databaseClock, demo = false }: Registration): Promise<void> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.personRole.createMany({ data: { personId, role, since: now }, skipDuplicates: true });
    if (count === 0) return;
    await appendEvent(tx, { type: "person.role-given", at: now, actor, subjects: { person: personId }, data: { personId, role }, demo });
  }, clock);
}

/** Puts a person into a team, which comes to be with its first member. */
export function joinTeam(personId: string, name: string, { actor, clock = databaseClock, demo = false }: Registration): Promise<string> {
  return inTransaction(async (tx, now) => {
    const team = await tx.team.upsert({ where: { name }, create: { id: newId(), name, demo }, update: {}, select: { id: true } });
    const { count } = await tx.teamMember.createMany({ data: { teamId: team.id, personId }, skipDuplicates: true });
    if (count > 0) {
      await appendEvent(tx, { type: "person.joined-team", at: now, actor, subjects: { person: personId }, data: { personId, teamId: team.id }, clear: { team: name }, demo });
    }
    return team.id;
  }, clock);
}
