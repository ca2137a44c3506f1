import "server-only";
import { holdersOf } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { knownRoles } from "./data";
import type { Named, PersonView } from "./types";

const most = 50;

/** One person with everything that says what they may decide; null when there is none. */
export async function readPerson(id: string, now: Date): Promise<PersonView | null> {
  const row = await db.person.findUnique({
    where: { id },
    select: {
      id: true, name: true, email: true, createdAt: true, leftAt: true,
      roles: { select: { role: true, since: true }, orderBy: { role: "asc" } },
      scimUser: { select: { deletedAt: true } },
      teams: { select: { lead: true, team: { select: { id: true, name: true, scimGroup: { select: { teamId: true } } } } }, orderBy: { team: { name: "asc" } }, take: most },
      duties: { where: { untilAt: { gt: now } }, select: { id: true, fromAt: true, untilAt: true, team: { select: { name: true } } }, orderBy: { fromAt: "asc" }, take: most },
      absences: { where: { untilAt: { gt: now } }, select: { fromAt: true, untilAt: true, standIn: { select: { name: true } } }, orderBy: { fromAt: "asc" }, take: 1 },
      delegations: { where: { untilAt: { gt: now } }, select: { fromAt: true, untilAt: true, delegateId: true, delegate: { select: { name: true } } }, orderBy: { fromAt: "asc" }, take: 1 },
      actsFor: { where: { fromAt: { lte: now }, untilAt: { gt: now } }, select: { person: { select: { name: true } } }, take: most },
      standsIn: { where: { fromAt: { lte: now }, untilAt: { gt: now } }, select: { person: { select: { name: true } } }, take: most },
      _count: { select: { signIns: { where: { expiresAt: { gt: now } } } } },
    },
  });
  if (!row) return null;
  const teamIds = row.teams.map(({ team }) => team.id);
  const [resources, identities] = await Promise.all([readResources(id, teamIds), readAnsweredFor(id)]);
  const roles = knownRoles(row.roles.map(({ role }) => role));
  const [absence] = row.absences;
  const [delegation] = row.delegations;
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    createdAt: row.createdAt.toISOString(),
    leftAt: row.leftAt?.toISOString() ?? null,
    signIns: row._count.signIns,
    isInDirectory: row.scimUser !== null && row.scimUser.deletedAt === null,
    roles: roles.map((role) => ({ role, since: (row.roles.find((held) => held.role === role)?.since ?? row.createdAt).toISOString() })),
    teams: row.teams.map(({ lead, team }) => ({ id: team.id, name: team.name, lead, isFilledByDirectory: team.scimGroup !== null })),
    onCall: row.duties.map(({ id: onCallId, team, fromAt, untilAt }) => ({ id: onCallId, team: team.name, from: fromAt.toISOString(), until: untilAt.toISOString() })),
    absence: absence ? { from: absence.fromAt.toISOString(), until: absence.untilAt.toISOString(), standIn: absence.standIn?.name ?? null } : null,
    standsInFor: row.standsIn.map(({ person }) => person.name),
    delegation: delegation ? { from: delegation.fromAt.toISOString(), until: delegation.untilAt.toISOString(), delegateId: delegation.delegateId, delegate: delegation.delegate.name } : null,
    decidesFor: row.actsFor.map(({ person }) => person.name),
    resources,
    identities,
  };
}

/** What a person is called; null when there is none. */
export async function readPersonName(id: string): Promise<string | null> {
  return (await db.person.findUnique({ where: { id }, select: { name: true } }))?.name ?? null;
}

/** Entitlements that a person, or a team of theirs, owns: those are asked to decide about them. */
async function readResources(personId: string, teamIds: readonly string[]): Promise<PersonView["resources"]> {
  const where = { OR: [{ resourceOwnerId: personId }, { resourceTeamId: { in: [...teamIds] } }] };
  const [rows, total] = await Promise.all([
    db.entitlement.findMany({
      where,
      select: { id: true, name: true, resourceOwnerId: true, system: { select: { id: true, name: true } }, resourceTeam: { select: { name: true } } },
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: most,
    }),
    db.entitlement.count({ where }),
  ]);
  return {
    total,
    rows: rows.map(({ id, name, resourceOwnerId, system, resourceTeam }) => ({
      id, name, systemId: system.id, system: system.name, team: resourceOwnerId === personId ? null : (resourceTeam?.name ?? null),
    })),
  };
}

async function readAnsweredFor(personId: string): Promise<PersonView["identities"]> {
  const where = { OR: [{ ownerId: personId }, { sponsorId: personId }, { backupId: personId }] };
  const [rows, total] = await Promise.all([
    db.identity.findMany({
      where,
      select: { id: true, name: true, kind: true, ownerId: true, sponsorId: true, backupId: true },
      orderBy: [{ sortName: "asc" }, { id: "asc" }],
      take: most,
    }),
    db.identity.count({ where }),
  ]);
  const placesOf = (row: { ownerId: string | null; sponsorId: string | null; backupId: string | null }) =>
    [["owner", row.ownerId], ["sponsor", row.sponsorId], ["backup", row.backupId]].flatMap(([place, id]) => (id === personId && place ? [place] : []));
  return { total, rows: rows.map(({ id, name, kind, ...held }) => ({ id, name, kind, as: placesOf(held) })) };
}

/** Who could decide for somebody: those who decide, of the same teams first. */
export async function readDelegates(personId: string): Promise<Named[]> {
  const rows = await db.person.findMany({
    where: { id: { not: personId }, leftAt: null, roles: { some: { role: { in: [...holdersOf("request:decide")] } } } },
    select: { id: true, name: true, teams: { where: { team: { members: { some: { personId } } } }, select: { teamId: true }, take: 1 } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: 200,
  });
  const near = (row: (typeof rows)[number]) => (row.teams.length > 0 ? 0 : 1);
  return rows.sort((a, b) => near(a) - near(b)).map(({ id, name }) => ({ id, name }));
}

/** Who could stand in: those of the same teams; everybody where somebody is in none. */
export async function readColleagues(personId: string): Promise<Named[]> {
  const teams = await db.teamMember.findMany({ where: { personId }, select: { teamId: true }, take: most });
  const among = teams.length > 0 ? { teams: { some: { teamId: { in: teams.map(({ teamId }) => teamId) } } } } : { roles: { some: {} } };
  return db.person.findMany({
    where: { id: { not: personId }, leftAt: null, ...among },
    select: { id: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: 100,
  });
}
