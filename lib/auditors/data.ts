import "server-only";
import * as z from "zod";
import type { Bound } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import type { Page } from "@/lib/platform/page";
import { isOver } from "./rules";
import type { LookQuery } from "./schema";
import { lookKinds, type DigestView, type EngagementView, type LookRow, type OwnEngagement } from "./types";

const pageSize = 50;
const mostShown = 200;
const name = { select: { id: true, name: true } } as const;
const filterSchema = z.record(z.string(), z.string());

/** Engagements that were not removed, the one that ends first first. */
export async function readEngagements(now: Date): Promise<EngagementView[]> {
  const rows = await db.engagement.findMany({ where: { liftedAt: null }, include: { person: name, givenBy: name }, orderBy: [{ until: "asc" }, { id: "asc" }], take: mostShown });
  const systems = await db.system.findMany({ where: { id: { in: rows.flatMap(({ systemIds }) => systemIds) } }, select: { id: true, name: true }, orderBy: { name: "asc" } });
  return rows.map(({ id, person, since, until, endedAt, fromDay, toDay, systemIds, names, reason, givenBy }) => ({
    id, person, fromDay, toDay, names, reason,
    since: since.toISOString(),
    until: (endedAt ?? until).toISOString(),
    systems: systems.filter((system) => systemIds.includes(system.id)).map((system) => system.name),
    givenBy: givenBy.name,
    isOver: isOver({ until, endedAt }, now),
  }));
}

/** An engagement as the auditor sees it: the names of its systems, and what it is for. */
export async function readOwnEngagement({ engagementId, since, until, fromDay, toDay, systemIds, names }: Bound): Promise<OwnEngagement> {
  const [systems, row] = await Promise.all([
    db.system.findMany({ where: { id: { in: [...systemIds] } }, select: { name: true }, orderBy: { name: "asc" } }),
    db.engagement.findUnique({ where: { id: engagementId }, select: { reason: true } }),
  ]);
  return { since, until, fromDay, toDay, names, systems: systems.map(({ name: system }) => system), reason: row?.reason ?? "" };
}

/** Systems that an engagement can be bound to. */
export function readSystemChoices(): Promise<{ id: string; name: string }[]> {
  return db.system.findMany({ select: { id: true, name: true }, orderBy: [{ name: "asc" }, { id: "asc" }], take: mostShown });
}

type Row = Prisma.AuditorViewGetPayload<{ include: { person: { select: { name: true } } } }>;

function rowOf({ id, person, kind, at, subjectId, filter, engagementId }: Row): LookRow {
  const known = lookKinds.find((candidate) => candidate === kind) ?? "list";
  const parameters = filterSchema.parse(filter);
  const query = new URLSearchParams(parameters).toString();
  const path = known === "chain" && subjectId ? `/evidence/${subjectId}` : known === "list" ? "/evidence" : "/evidence/exports";
  return { id, kind: known, filter: parameters, person: person.name, at: at.toISOString(), href: query && known !== "chain" ? `${path}?${query}` : path, isBounded: engagementId !== null };
}

/** One page of what auditors looked at, or of what was looked at in one engagement, the newest first. */
export async function listLooks(query: LookQuery, engagementId?: string): Promise<Page<LookRow>> {
  const page = await readKeysetPage<Row>({
    sort: query.sort, after: query.after, before: query.before, size: pageSize,
    placeOf: (row) => ({ value: row.at.toISOString(), id: row.id }),
    read: ({ from, order, take }) => {
      const at = from ? new Date(String(from.value)) : null;
      // Attacker-controlled: a cursor may hold a text that is no date.
      const bounds = from && at && !Number.isNaN(at.getTime()) ? behind(order, at, from.id) : null;
      const where: Prisma.AuditorViewWhereInput = bounds ? { AND: [{ at: bounds.edge }, { OR: [{ at: bounds.beyond }, { id: bounds.id }] }] } : {};
      const own: Prisma.AuditorViewWhereInput = engagementId === undefined ? {} : { engagementId };
      return db.auditorView.findMany({ where: { AND: [own, where] }, include: { person: { select: { name: true } } }, orderBy: [{ at: order }, { id: order }], take });
    },
  });
  return { rows: page.rows.map(rowOf), next: page.next, previous: page.previous, total: null };
}

/** The newest digests of looks. */
export function readDigests(): Promise<DigestView[]> {
  return db.auditorViewDigest.findMany({ select: { day: true, count: true, sha256: true }, orderBy: { day: "desc" }, take: 14 });
}
