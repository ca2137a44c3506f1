import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { mayView } from "@/lib/requests/rules";
import { namesOfIdentities, namesOfSystems, rowOf, sideOfChange } from "../data";
import { whyNotApproveChange, whyNotCloseChange } from "../rules";
import type { ChangeView } from "../types";

const name = { select: { name: true } } as const;

/** A change with everything on its page, and what this person may do about it. */
export async function readChangeView(id: string, actor: PersonActor): Promise<ChangeView | null> {
  const row = await db.localChange.findUnique({
    where: { id },
    include: { author: name, approvedBy: name, closedBy: name, notes: { orderBy: [{ at: "asc" }, { marker: "asc" }], take: 100 } },
  });
  if (!row) return null;
  const listed = rowOf(row);
  const [systems, identities, askingSide, requests] = await Promise.all([namesOfSystems(db, row.systemIds), namesOfIdentities(db, row.identityIds), sideOfChange(db, row), readRequests(row.number, actor)]);
  const person = { id: actor.personId, mayApprove: allows(actor.roles, "ticket:approve") };
  return {
    ...listed,
    description: row.description,
    systems,
    identities,
    approvedBy: row.approvedBy?.name ?? null,
    approvedAt: row.approvedAt?.toISOString() ?? null,
    closedBy: row.closedBy?.name ?? null,
    closedAt: row.closedAt?.toISOString() ?? null,
    notes: row.notes.map(({ marker, text, at }) => ({ marker, text, at: at.toISOString() })),
    requests,
    mayEdit: listed.state === "draft" && row.authorId === actor.personId,
    whyNotApprove: whyNotApproveChange({ ...row, state: listed.state, askingSide }, person),
    mayClose: whyNotCloseChange({ ...row, state: listed.state }, person) === null,
  };
}

/** Requests that live on a change, as far as this person may see them. */
async function readRequests(number: number, actor: PersonActor): Promise<ChangeView["requests"]> {
  const rows = await db.ticketLink.findMany({
    where: { ticket: { key: String(number), provider: { kind: "local" } } },
    select: {
      request: {
        select: {
          id: true, number: true, state: true, requesterId: true,
          sides: { select: { personId: true } },
          stages: { select: { members: { select: { personId: true } } } },
          _count: { select: { grants: { where: { state: "active" } } } },
        },
      },
    },
    orderBy: { linkedAt: "desc" },
    take: 50,
  });
  const viewer = { personId: actor.personId, seesAll: allows(actor.roles, "request:view-all") };
  return rows
    .filter(({ request }) => mayView({ requesterId: request.requesterId, side: request.sides.map(({ personId }) => personId), asked: request.stages.flatMap(({ members }) => members.map(({ personId }) => personId)) }, viewer))
    .map(({ request }) => ({ id: request.id, number: request.number, state: request.state, live: request._count.grants }));
}
