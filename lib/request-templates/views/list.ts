import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { literally } from "@/lib/db/like";
import { formatList } from "@/lib/platform/format";
import { readEntitlementOption, readIdentityOption } from "@/lib/requests/views/ask";
import { readTeamIds } from "../data";
import { mayChange, mayUse } from "../rules";
import type { TeamOption } from "../types";
import type { TemplateOption, TemplateRow, TemplateStart } from "./list-types";

const pageSize = 25;
const mostOptions = 30;
const mostTeams = 50;

const select = {
  id: true, name: true, keeperId: true, teamId: true, purpose: true, intent: true, durationSeconds: true, maxUses: true, idleSeconds: true, keptAt: true,
  keeper: { select: { id: true, name: true, leftAt: true } },
  team: { select: { id: true, name: true } },
  identity: { select: { id: true, name: true, state: true, vanishedAt: true } },
  entitlements: {
    select: { entitlement: { select: { id: true, name: true, requestable: true, purposes: true, system: { select: { name: true } } } } },
    orderBy: { position: "asc" },
  },
} as const satisfies Prisma.RequestTemplateSelect;

/** Those that somebody may use: their own, and those shared with a team that they are in. */
function usableBy(personId: string): Prisma.RequestTemplateWhereInput {
  return { OR: [{ keeperId: personId }, { team: { members: { some: { personId } } } }] };
}

/** A page of the templates that somebody may use or change, the newest first. */
export async function listTemplates(viewer: PersonActor, before: string | undefined): Promise<{ rows: TemplateRow[]; next: string | null }> {
  const { personId, roles } = viewer;
  const changesAny = allows(roles, "template:change-any");
  const [found, teamIds] = await Promise.all([
    db.requestTemplate.findMany({
      where: { AND: [changesAny ? {} : usableBy(personId), before ? { id: { lt: before } } : {}] },
      select,
      orderBy: { id: "desc" },
      take: pageSize + 1,
    }),
    readTeamIds(db, personId),
  ]);
  const rows = found.slice(0, pageSize).map(({ keeper: { leftAt, ...keeper }, ...row }) => ({
    id: row.id,
    name: row.name,
    keeper: { ...keeper, hasLeft: leftAt !== null },
    team: row.team,
    identity: row.identity && { id: row.identity.id, name: row.identity.name },
    entitlements: row.entitlements.map(({ entitlement: { name, system } }) => ({ name, system: system.name })),
    purpose: row.purpose,
    durationSeconds: row.durationSeconds,
    keptAt: row.keptAt.toISOString(),
    isOwn: row.keeperId === personId,
    mayUse: allows(roles, "template:keep") && mayUse(row, { personId, teamIds }),
    mayChange: mayChange(row, { personId, changesAny }),
  }));
  return { rows, next: found.length > pageSize ? (rows.at(-1)?.id ?? null) : null };
}

/** Templates to start from, by a part of their name; one's own first. */
export async function searchTemplates({ personId }: PersonActor, text: string): Promise<TemplateOption[]> {
  const holds = text ? { name: { contains: literally(text), mode: "insensitive" as const } } : {};
  const found: TemplateOption[] = [];
  for (const step of [{ keeperId: personId }, { keeperId: { not: personId } }]) {
    if (found.length >= mostOptions) break;
    const rows = await db.requestTemplate.findMany({ where: { AND: [step, holds, usableBy(personId)] }, select, orderBy: [{ name: "asc" }, { id: "asc" }], take: mostOptions - found.length });
    found.push(...rows.map((row) => ({ id: row.id, name: row.name, about: aboutOf(row), keeper: row.keeperId === personId ? null : row.keeper.name })));
  }
  return found;
}

type Row = Prisma.RequestTemplateGetPayload<{ select: typeof select }>;

function aboutOf({ identity, entitlements }: Row): string {
  const what = formatList(entitlements.map(({ entitlement }) => `${entitlement.name} on ${entitlement.system.name}`));
  return identity ? `${identity.name}: ${what}` : what;
}

/** What a template fills the form in with, and what it names that is gone; null where there is none that this person may use. */
export async function readTemplateStart(actor: PersonActor, templateId: string): Promise<TemplateStart | null> {
  const row = await db.requestTemplate.findFirst({ where: { AND: [{ id: templateId }, usableBy(actor.personId)] }, select });
  if (!row) return null;
  const present = row.identity && row.identity.vanishedAt === null && row.identity.state !== "offboarded";
  const [identity, options] = await Promise.all([
    row.identity && present ? readIdentityOption(actor, row.identity.id) : null,
    Promise.all(row.entitlements.map(({ entitlement }) => readEntitlementOption(entitlement.id))),
  ]);
  const entitlements = options.filter((option) => option !== null);
  const { id, name, purpose, intent, durationSeconds, maxUses, idleSeconds } = row;
  return {
    id, name, intent, durationSeconds, maxUses, idleSeconds, identity, entitlements,
    purpose: isListed(row) ? purpose : "",
    keeper: row.keeperId === actor.personId ? null : row.keeper.name,
    gone: goneIn(row),
  };
}

/** Whether every access that can still be asked for lists the purpose. */
function isListed({ entitlements, purpose }: Row): boolean {
  return entitlements.every(({ entitlement }) => !entitlement.requestable || entitlement.purposes.includes(purpose));
}

function goneIn(row: Row): string[] {
  const { identity, entitlements, purpose } = row;
  const closed = entitlements.filter(({ entitlement }) => !entitlement.requestable).map(({ entitlement }) => `${entitlement.name} on ${entitlement.system.name}`);
  return [
    identity?.state === "offboarded" ? `${identity.name} is offboarded: pick another identity.` : null,
    identity && identity.state !== "offboarded" && identity.vanishedAt !== null ? `${identity.name} is not on its system any more: pick another identity.` : null,
    closed.length > 0 ? `${formatList(closed)} cannot be asked for any more: left out.` : null,
    isListed(row) ? null : `The purpose ${purpose} is not listed any more: pick another one.`,
  ].filter((sentence) => sentence !== null);
}

/** The teams that somebody can share with. */
export function readTeamOptions(personId: string): Promise<TeamOption[]> {
  return db.team.findMany({ where: { members: { some: { personId } } }, select: { id: true, name: true }, orderBy: [{ name: "asc" }, { id: "asc" }], take: mostTeams });
}

/** What was asked by a request of one's own, to be kept; null where it is not theirs. */
export async function readAskOf(requestId: string, personId: string) {
  const row = await db.request.findFirst({
    where: { id: requestId, requesterId: personId },
    select: { identityId: true, purpose: true, intent: true, durationSeconds: true, maxUses: true, idleSeconds: true, entitlements: { select: { entitlementId: true }, orderBy: { entitlementId: "asc" } } },
  });
  return row && { ...row, entitlementIds: row.entitlements.map(({ entitlementId }) => entitlementId) };
}
