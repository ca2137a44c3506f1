import "server-only";
import { roles, type Role } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage, type KeysetRange } from "@/lib/db/keyset";
import { literally } from "@/lib/db/like";
import type { Page } from "@/lib/platform/page";
import type { PeopleList } from "./schema";
import type { Named, PersonRow, TeamView } from "./types";

const pageSize = 50;
const countLimit = 10_000;
const mostTeams = 200;

function whereOf({ q, role, team, presence, passkeys }: PeopleList): Prisma.PersonWhereInput {
  const held = role.filter((word) => word !== "none");
  const parts: Prisma.PersonWhereInput[] = [];
  if (q) parts.push({ OR: [{ name: { contains: literally(q), mode: "insensitive" } }, { email: { contains: literally(q), mode: "insensitive" } }] });
  if (role.length > 0) parts.push({ OR: [{ roles: { some: { role: { in: held } } } }, ...(role.includes("none") ? [{ roles: { none: {} } }] : [])] });
  const ids = team.filter((id) => id !== "none");
  if (team.length > 0) parts.push({ OR: [{ teams: { some: { teamId: { in: ids } } } }, ...(team.includes("none") ? [{ teams: { none: {} } }] : [])] });
  if (presence.length === 1) parts.push({ leftAt: presence[0] === "left" ? { not: null } : null });
  if (passkeys.length === 1) parts.push({ passkeys: passkeys[0] === "some" ? { some: { revokedAt: null } } : { none: { revokedAt: null } } });
  return { AND: parts };
}

const rowSelect = (now: Date) =>
  ({
    id: true, name: true, email: true, leftAt: true,
    roles: { select: { role: true }, orderBy: { role: "asc" } },
    teams: { select: { team: { select: { name: true } } }, take: 10 },
    absences: { where: { fromAt: { lte: now }, untilAt: { gt: now } }, select: { untilAt: true }, take: 1 },
    duties: { where: { fromAt: { lte: now }, untilAt: { gt: now } }, select: { team: { select: { name: true } } }, take: 10 },
    _count: { select: { signIns: { where: { expiresAt: { gt: now } } }, passkeys: { where: { revokedAt: null } } } },
  }) as const satisfies Prisma.PersonSelect;

type Selected = Prisma.PersonGetPayload<{ select: ReturnType<typeof rowSelect> }>;

/** Roles that this build knows; an unknown one carries nothing. */
export const knownRoles = (held: readonly string[]): Role[] => roles.filter((role) => held.includes(role));

function rowOf(row: Selected): PersonRow {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    roles: knownRoles(row.roles.map(({ role }) => role)),
    teams: row.teams.map(({ team }) => team.name),
    leftAt: row.leftAt?.toISOString() ?? null,
    awayUntil: row.absences[0]?.untilAt.toISOString() ?? null,
    onCallFor: row.duties.map(({ team }) => team.name),
    signIns: row._count.signIns,
    passkeys: row._count.passkeys,
  };
}

function stretch({ from, order }: KeysetRange): Prisma.PersonWhereInput {
  if (!from) return {};
  const bounds = behind(order, String(from.value), from.id);
  return { AND: [{ name: bounds.edge }, { OR: [{ name: bounds.beyond }, { id: bounds.id }] }] };
}

/** One page of people by name. */
export async function listPeople(query: PeopleList): Promise<Page<PersonRow>> {
  const where = whereOf(query);
  const select = rowSelect(new Date());
  const page = await readKeysetPage<Selected>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: ({ id, name }) => ({ id, value: name }),
    read: (range) =>
      db.person.findMany({ where: { AND: [where, stretch(range)] }, orderBy: [{ name: range.order }, { id: range.order }], take: range.take, select }),
  });
  const found = await db.person.count({ where, take: countLimit + 1 });
  return { rows: page.rows.map(rowOf), next: page.next, previous: page.previous, total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

/** Teams by name, for filters and choices. */
export function readTeamNames(): Promise<Named[]> {
  return db.team.findMany({ select: { id: true, name: true }, orderBy: [{ name: "asc" }, { id: "asc" }], take: mostTeams });
}

/** Teams with their leads, and who is on call now or will be. */
export async function readTeams(now: Date): Promise<TeamView[]> {
  const rows = await db.team.findMany({
    select: {
      id: true, name: true,
      scimGroup: { select: { teamId: true } },
      members: { where: { person: { leftAt: null } }, select: { lead: true, person: { select: { id: true, name: true } } }, orderBy: [{ lead: "desc" }, { person: { name: "asc" } }], take: 20 },
      duties: {
        where: { untilAt: { gt: now } },
        select: { id: true, fromAt: true, untilAt: true, person: { select: { id: true, name: true } } },
        orderBy: { fromAt: "asc" },
        take: 10,
      },
      _count: { select: { members: { where: { person: { leftAt: null } } } } },
    },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: mostTeams,
  });
  return rows.map(({ id, name, scimGroup, members, duties, _count }) => ({
    id,
    name,
    members: _count.members,
    leads: members.filter(({ lead }) => lead).map(({ person }) => person),
    others: members.filter(({ lead }) => !lead).map(({ person }) => person),
    isFilledByDirectory: scimGroup !== null,
    onCall: duties.map(({ fromAt, untilAt, ...duty }) => ({ ...duty, from: fromAt.toISOString(), until: untilAt.toISOString(), isNow: fromAt <= now })),
  }));
}
