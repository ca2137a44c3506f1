import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { parseGrantState } from "@/lib/grants/data";
import { readRequestView } from "@/lib/requests/views/detail";
import { whyNotClose, whyNotSecond } from "../rules";
import { parseStoredAnswer } from "../schema";
import { bases, incidentChecks, secondAnswers, type CloseRefusal, type SecondRefusal } from "../types";
import { glassRow, rowSelect, visibleTo } from "./list";
import type { GlassView, SeenUse } from "./types";

const mostUses = 100;
const iso = (at: Date | null) => at?.toISOString() ?? null;

function readRow(id: string, viewer: PersonActor) {
  return db.breakGlass.findFirst({
    where: { AND: [{ id }, visibleTo(viewer)] },
    select: {
      ...rowSelect,
      basis: true, incidentCheck: true, reason: true, durationSeconds: true, policy: true, proofId: true, escalated: true, requestId: true,
      secondAnswer: true, secondReason: true, secondAt: true,
      secondBy: { select: { name: true } },
      people: { select: { part: true, person: { select: { id: true, name: true } } }, orderBy: { person: { name: "asc" } } },
      request: {
        select: {
          grants: {
            select: { id: true, state: true, notAfter: true, firstUseAt: true, lastUseAt: true, useCount: true, statementCount: true, observedAt: true },
            orderBy: { createdAt: "desc" },
          },
        },
      },
    },
  });
}

type Row = NonNullable<Awaited<ReturnType<typeof readRow>>>;

async function readUses(row: Row): Promise<SeenUse[]> {
  const grantIds = (row.request?.grants ?? []).map(({ id }) => id);
  const uses = await db.use.findMany({ where: { grantId: { in: grantIds } }, orderBy: [{ startedAt: "asc" }, { id: "asc" }], take: mostUses });
  return uses.map(({ startedAt, lastSeenAt, endedAt, clientAddress, kind }) => ({
    startedAt: startedAt.toISOString(), lastSeenAt: lastSeenAt.toISOString(), endedAt: iso(endedAt), clientAddress, kind,
  }));
}

/** One emergency; null when there is none or it is not theirs to know. */
export async function readGlassView(id: string, viewer: PersonActor, now = new Date()): Promise<GlassView | null> {
  const row = await readRow(id, viewer);
  if (!row) return null;
  const [uses, request] = await Promise.all([readUses(row), row.request || row.escalated ? readRequestView(row.requestId, viewer, now) : null]);
  const partOf = (part: string) => {
    const people = row.people.filter((one) => one.part === part).map(({ person }) => person);
    return people.filter((person, index) => people.findIndex((other) => other.id === person.id) === index);
  };
  const grants = (row.request?.grants ?? []).map(({ state, firstUseAt, lastUseAt, useCount, statementCount, observedAt }) => ({
    state: parseGrantState(state), firstUseAt: iso(firstUseAt), lastUseAt: iso(lastUseAt), useCount, observedAt: iso(observedAt),
    statements: statementCount === null ? null : Number(statementCount),
  }));
  const side = partOf("side").map((person) => person.id);
  const asked = partOf("second");
  const view = glassRow(row);
  return {
    ...view,
    asOf: now.toISOString(),
    basis: z.enum(bases).parse(row.basis),
    incidentCheck: z.enum(incidentChecks).parse(row.incidentCheck),
    reason: row.reason,
    durationSeconds: row.durationSeconds,
    policy: parseStoredAnswer(row.policy).reasons.map(({ text }) => text),
    hasProof: row.proofId !== null,
    escalated: row.escalated,
    requestId: row.requestId,
    skipped: partOf("skipped"),
    asked,
    second: secondOf(row),
    grants,
    uses,
    request,
    viewer: {
      isBreaker: row.personId === viewer.personId,
      mayWithdraw: row.personId === viewer.personId && view.state === "waiting",
      whyNotSecond: view.state === "waiting" ? secondFor(row, viewer, { side, asked: asked.map((person) => person.id), now }) : undefined,
      whyNotClose: row.debt && row.debt.closedAt === null ? closeFor(viewer, side, grants.map(({ state }) => state)) : undefined,
    },
  };
}

function secondOf({ secondAnswer, secondBy, secondReason, secondAt }: Row): GlassView["second"] {
  const answer = secondAnswers.find((known) => known === secondAnswer);
  return answer && secondAt ? { answer, by: secondBy?.name ?? null, reason: secondReason, at: secondAt.toISOString() } : null;
}

type Around = { readonly side: readonly string[]; readonly asked: readonly string[]; readonly now: Date };

function secondFor(row: Row, viewer: PersonActor, { side, asked, now }: Around): SecondRefusal | null {
  if (!allows(viewer.roles, "break-glass:second")) return "no-role";
  return whyNotSecond({ state: "waiting", side, asked, secondDueAt: row.secondDueAt }, { personId: viewer.personId, now });
}

function closeFor(viewer: PersonActor, side: readonly string[], grants: Parameters<typeof whyNotClose>[0]["grants"]): CloseRefusal | null {
  if (!allows(viewer.roles, "break-glass:review")) return "no-role";
  return whyNotClose({ closedAt: null, side, grants }, viewer.personId);
}
