import "server-only";
import { db } from "@/lib/db/client";
import { literally } from "@/lib/db/like";
import type { PersonOption } from "./options-types";

const most = 20;

/** People who have not left and whose name holds a text, by name; the first ones when nothing is typed. With a team, only its members. */
export async function findPeople(text: string, teamId?: string): Promise<PersonOption[]> {
  const rows = await db.person.findMany({
    where: { leftAt: null, ...(teamId === undefined ? {} : { teams: { some: { teamId } } }), ...(text ? { name: { contains: literally(text), mode: "insensitive" } } : {}) },
    select: { id: true, name: true, teams: { select: { team: { select: { name: true } } }, orderBy: { teamId: "asc" }, take: 3 } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: most,
  });
  return rows.map(({ id, name, teams }) => ({ id, name, teams: teams.map(({ team }) => team.name) }));
}
