import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { parseGrantState } from "@/lib/grants/data";
import { parseBreakGlassState, parseFlags } from "../data";
import { isOver } from "../rules";
import { verdicts } from "../types";
import type { DebtView, GlassRow } from "./types";

const pageSize = 25;
/** Emergencies that live or are owed at one time are few; more than this is another emergency. */
const mostShown = 100;
const liveStates = ["ready", "issuing", "active"];

export const rowSelect = {
  id: true, number: true, state: true, incident: true, flags: true, askedAt: true, secondDueAt: true, personId: true,
  person: { select: { id: true, name: true } },
  identity: { select: { id: true, name: true } },
  entitlement: { select: { name: true, system: { select: { name: true } } } },
  debt: { select: { size: true, openedAt: true, dueAt: true, overdueAt: true, closedAt: true, verdict: true, findings: true, closedBy: { select: { name: true } } } },
  request: { select: { grants: { select: { state: true, notAfter: true }, orderBy: { createdAt: "desc" } } } },
} as const satisfies Prisma.BreakGlassSelect;

type Row = Prisma.BreakGlassGetPayload<{ select: typeof rowSelect }>;
const iso = (at: Date | null) => at?.toISOString() ?? null;

function debtView(debt: NonNullable<Row["debt"]>): DebtView {
  const { size, findings } = debt;
  return {
    size, findings,
    openedAt: debt.openedAt.toISOString(), dueAt: debt.dueAt.toISOString(), overdueAt: iso(debt.overdueAt), closedAt: iso(debt.closedAt),
    closedBy: debt.closedBy?.name ?? null,
    verdict: z.enum(verdicts).nullable().parse(debt.verdict),
  };
}

/** An emergency as lists show it. */
export function glassRow(row: Row): GlassRow {
  const grants = row.request?.grants ?? [];
  const isLive = row.state === "open" && !isOver(grants.map(({ state }) => parseGrantState(state)));
  const { id, number, incident, person, identity, entitlement } = row;
  return {
    id, number, incident, person, identity, isLive,
    state: parseBreakGlassState(row.state),
    entitlement: entitlement.name,
    system: entitlement.system.name,
    flags: parseFlags(row.flags),
    askedAt: row.askedAt.toISOString(),
    secondDueAt: iso(row.secondDueAt),
    notAfter: isLive ? iso(grants.find(({ state }) => liveStates.includes(state))?.notAfter ?? null) : null,
    debt: row.debt ? debtView(row.debt) : null,
  };
}

/** The emergencies that a person may know of: all, or those that concern them. */
export function visibleTo(viewer: PersonActor): Prisma.BreakGlassWhereInput {
  if (allows(viewer.roles, "break-glass:view-all")) return {};
  return { OR: [{ personId: viewer.personId }, { people: { some: { personId: viewer.personId } } }] };
}

const live: Prisma.BreakGlassWhereInput = { state: "open", request: { grants: { some: { state: { in: liveStates } } } } };

/** Live emergencies that a person may know of, the newest first. */
export async function readLive(viewer: PersonActor): Promise<GlassRow[]> {
  const rows = await db.breakGlass.findMany({ where: { AND: [live, visibleTo(viewer)] }, select: rowSelect, orderBy: { askedAt: "desc" }, take: mostShown });
  return rows.map(glassRow);
}

/** Those that wait for a second person, and those whose debt is open though nothing lives any more. */
export async function readWaitingAndOwed(viewer: PersonActor) {
  const where = visibleTo(viewer);
  const [waiting, owed] = await Promise.all([
    db.breakGlass.findMany({ where: { AND: [{ state: "waiting" }, where] }, select: rowSelect, orderBy: { secondDueAt: "asc" }, take: mostShown }),
    db.breakGlass.findMany({ where: { AND: [{ debt: { closedAt: null }, NOT: live }, where] }, select: rowSelect, orderBy: { debt: { dueAt: "asc" } }, take: mostShown }),
  ]);
  return { waiting: waiting.map(glassRow), owed: owed.map(glassRow) };
}

/** What is over and paid back, or gave nothing: a page of it, the newest first. */
export async function readPast(viewer: PersonActor, before: string | null): Promise<{ rows: GlassRow[]; after: string | null }> {
  const over: Prisma.BreakGlassWhereInput = { OR: [{ state: { in: ["declined", "withdrawn", "superseded"] } }, { debt: { closedAt: { not: null } } }] };
  const rows = await db.breakGlass.findMany({
    where: { AND: [over, visibleTo(viewer), ...(before === null ? [] : [{ number: { lt: Number(before) } }])] },
    select: rowSelect,
    orderBy: { number: "desc" },
    take: pageSize + 1,
  });
  const shown = rows.slice(0, pageSize);
  return { rows: shown.map(glassRow), after: rows.length > pageSize ? String(shown.at(-1)?.number ?? "") : null };
}
