import "server-only";
import { db } from "@/lib/db/client";
import type { ViewList, ViewRow } from "./types";

const mostShown = 100;

/** The views of a list that a person may open: their own, then what others share. */
export async function readViews(personId: string, list: ViewList): Promise<ViewRow[]> {
  const rows = await db.savedView.findMany({
    where: { list, OR: [{ personId }, { isShared: true, person: { leftAt: null } }] },
    select: { id: true, name: true, query: true, isShared: true, personId: true, person: { select: { name: true } } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: mostShown,
  });
  const views = rows.map((row) => ({ id: row.id, name: row.name, query: row.query, isShared: row.isShared, isOwn: row.personId === personId, by: row.person.name }));
  return [...views.filter(({ isOwn }) => isOwn), ...views.filter(({ isOwn }) => !isOwn)];
}
