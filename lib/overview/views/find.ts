import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { connectorOf } from "@/lib/connectors/registry";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { literally } from "@/lib/db/like";
import { findIdentities, parseIdentityKind } from "@/lib/identities/data";
import type { Found } from "@/lib/overview/schema";

const mostOfAKind = 6;
const numberText = /^(?:#|request\s+)?(\d{1,9})$/i;
const ticketText = /^[a-z][a-z0-9]*-\d+$/i;

/** What goes by a name or number and may be seen by this person: identities, requests, systems. */
export async function findForPerson(actor: PersonActor, text: string): Promise<Found[]> {
  const [requests, identities, systems] = await Promise.all([
    allows(actor.roles, "request:view") ? findRequests(actor, text) : [],
    allows(actor.roles, "identity:view") ? findIdentities(text, mostOfAKind) : [],
    allows(actor.roles, "system:view") ? findSystems(text) : [],
  ]);
  return [
    ...requests,
    ...identities.map(({ id, name, kind, environment }) => ({
      kind: "identity" as const, id, label: name, detail: environment, identityKind: parseIdentityKind(kind), href: `/identities/${id}`,
    })),
    ...systems,
  ];
}

async function findRequests(actor: PersonActor, text: string): Promise<Found[]> {
  const number = numberText.exec(text)?.[1];
  if (number === undefined && !ticketText.test(text)) return [];
  const asked: Prisma.RequestWhereInput =
    number === undefined ? { ticketKey: { equals: literally(text), mode: "insensitive" } } : { number: Math.min(Number(number), 2_147_483_647) };
  const rows = await db.request.findMany({
    where: { AND: [asked, allows(actor.roles, "request:view-all") ? {} : concerning(actor.personId)] },
    select: { id: true, number: true, state: true, identity: { select: { name: true } } },
    orderBy: { number: "desc" },
    take: mostOfAKind,
  });
  return rows.map(({ id, number: known, state, identity }) => ({
    kind: "request", id, label: `Request ${known} for ${identity.name}`, detail: state, identityKind: null, href: `/requests/${id}`,
  }));
}

/** Requests that concern a person: asked by, on the asking side of, or asked to decide. */
function concerning(personId: string): Prisma.RequestWhereInput {
  return {
    OR: [{ requesterId: personId }, { sides: { some: { personId } } }, { stages: { some: { members: { some: { personId } } } } }],
  };
}

async function findSystems(text: string): Promise<Found[]> {
  const rows = await db.system.findMany({
    where: { name: { contains: literally(text), mode: "insensitive" } },
    select: { id: true, name: true, connector: true, environment: true },
    orderBy: { name: "asc" },
    take: mostOfAKind,
  });
  return rows.map(({ id, name, connector, environment }) => ({
    kind: "system", id, label: name, detail: `${connectorOf(connector).title} · ${environment}`, identityKind: null, href: `/systems/${id}`,
  }));
}
