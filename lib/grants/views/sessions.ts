import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import type { Transaction } from "@/lib/db/transaction";
import { parseSensitivity } from "@/lib/entitlements/data";
import { parseIdentityKind } from "@/lib/identities/data";
import type { CappedCount } from "@/lib/platform/format";
import { parseGrantState } from "../data";
import { mayEnd } from "../rules";
import { endReasons, type GrantState } from "../types";
import type { SessionsQuery } from "./sessions-schema";
import { readCoverage } from "@/lib/uses/data";
import { noUseOf } from "@/lib/uses/rules";
import type { SessionsView, SessionView } from "./sessions-types";

const pageSize = 50;
const mostEnding = 50;
const mostRecent = 10;
const countLimit = 1_000;
const recentMs = 24 * 60 * 60 * 1_000;

const liveStates = ["issuing", "active"] as const satisfies readonly GrantState[];
const endingStates = ["ending", "accepted", "stuck", "not-provable"] as const satisfies readonly GrantState[];
const overStates = ["proven", "forced", "expired-unproven"] as const satisfies readonly GrantState[];

const soonestFirst = { key: "ends", direction: "asc" } as const;

/** Sessions that concern a person: asked for, asked to decide, on the identity's side, or owned. */
function concerns(personId: string): Prisma.GrantWhereInput {
  const person = { some: { personId } };
  return {
    OR: [
      { request: { OR: [{ requesterId: personId }, { sides: person }, { stages: { some: { members: person } } }, { votes: person }] } },
      { identity: { OR: [{ ownerId: personId }, { sponsorId: personId }, { backupId: personId }] } },
      { entitlement: { resourceOwnerId: personId } },
    ],
  };
}

/** Whether a person may see one session. */
export async function maySeeSession(actor: PersonActor, grantId: string): Promise<boolean> {
  const visible = allows(actor.roles, "session:view-all") ? {} : concerns(actor.personId);
  return (await db.grant.count({ where: { AND: [{ id: grantId }, visible] } })) > 0;
}

const name = { select: { name: true } } as const;

function partsFor(personId: string) {
  return {
    identity: { select: { id: true, name: true, kind: true, ownerId: true, sponsorId: true, backupId: true } },
    entitlement: { select: { name: true, sensitivity: true, resourceOwnerId: true } },
    system: { select: { name: true, unreachableSince: true, check: true, observedAt: true } },
    endedBy: name,
    request: {
      select: {
        number: true, breakGlassId: true, requesterId: true, requester: name, requesterIdentity: name,
        votes: { where: { personId }, select: { personId: true }, take: 1 },
      },
    },
  } as const satisfies Prisma.GrantInclude;
}

type Row = Prisma.GrantGetPayload<{ include: ReturnType<typeof partsFor> }>;

const proofSchema = z.object({ method: z.string(), strength: z.string(), lookedAt: z.array(z.string()), seenBy: z.string(), facts: z.array(z.string()) });
const checkSchema = z.object({ limits: z.array(z.object({ code: z.string(), text: z.string() })) });

const isoOf = (at: Date | null) => at?.toISOString() ?? null;

function proofOf(proof: unknown): SessionView["proof"] {
  const parsed = proofSchema.safeParse(proof).data;
  if (!parsed) return null;
  const { lookedAt, ...rest } = parsed;
  return { ...rest, looks: lookedAt };
}

function systemOf({ name: systemName, unreachableSince, check, observedAt }: Row["system"]): SessionView["system"] {
  const limits = checkSchema.safeParse(check).data?.limits ?? [];
  return {
    name: systemName,
    unreachableSince: isoOf(unreachableSince),
    observable: observedAt !== null,
    backstop: limits.find(({ code }) => code === "expiry-new-logins-only")?.text ?? null,
  };
}

function canEnd(row: Row, actor: PersonActor): boolean {
  if (!allows(actor.roles, "grant:end")) return false;
  const { ownerId, sponsorId, backupId } = row.identity;
  return mayEnd(
    {
      requesterId: row.request.requesterId,
      ownerSide: [ownerId, sponsorId, backupId],
      voters: row.request.votes.map(({ personId }) => personId),
      resourceOwnerId: row.entitlement.resourceOwnerId,
    },
    { personId: actor.personId, mayEndAny: allows(actor.roles, "grant:end-any") },
  );
}

function viewOf(row: Row, actor: PersonActor): SessionView {
  const { id, requestId, demo, durationSeconds, maxUses, idleSeconds, useCount, liveConnections, handleName, handleTargetId, sessionsCut, attempts, lastFailure } = row;
  const state = parseGrantState(row.state);
  return {
    id, requestId, demo, durationSeconds, maxUses, idleSeconds, useCount, liveConnections, handleName, handleTargetId, sessionsCut, attempts, lastFailure, state,
    number: row.request.number,
    breakGlassId: row.request.breakGlassId,
    identity: { id: row.identity.id, name: row.identity.name, kind: parseIdentityKind(row.identity.kind) },
    entitlement: row.entitlement.name,
    sensitivity: parseSensitivity(row.entitlement.sensitivity),
    asker: row.request.requester?.name ?? row.request.requesterIdentity?.name ?? "[erased person]",
    system: systemOf(row.system),
    createdAt: row.createdAt.toISOString(),
    activateBefore: row.activateBefore.toISOString(),
    issueStartedAt: isoOf(row.issueStartedAt),
    issueDeadline: isoOf(row.issueDeadline),
    activatedAt: isoOf(row.activatedAt),
    notAfter: isoOf(row.notAfter),
    statementCount: row.statementCount === null ? null : Number(row.statementCount),
    firstUseAt: isoOf(row.firstUseAt),
    lastUseAt: isoOf(row.lastUseAt),
    observedAt: isoOf(row.observedAt),
    notRecheckedSince: isoOf(row.notRecheckedSince),
    endReason: endReasons.find((reason) => reason === row.endReason) ?? null,
    endingAt: isoOf(row.endingAt),
    endedBy: row.endedBy?.name ?? null,
    acceptedAt: isoOf(row.acceptedAt),
    provenAt: isoOf(row.provenAt),
    proof: proofOf(row.proof),
    closedAt: isoOf(row.closedAt),
    nextAttemptAt: isoOf(row.nextAttemptAt),
    stuckSince: isoOf(row.stuckSince),
    mayEnd: state === "active" && canEnd(row, actor),
  };
}

async function count(tx: Transaction, where: Prisma.GrantWhereInput): Promise<CappedCount> {
  const found = await tx.grant.count({ where, take: countLimit + 1 });
  return { count: Math.min(found, countLimit), capped: found > countLimit };
}

function readLive(tx: Transaction, where: Prisma.GrantWhereInput, include: ReturnType<typeof partsFor>, query: SessionsQuery) {
  return readKeysetPage<Row>({
    sort: soonestFirst,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ value: isoOf(row.notAfter), id: row.id }),
    read: ({ from, order, take }) => {
      const at = from ? new Date(String(from.value)) : null;
      // Attacker-controlled: a cursor may hold a text that is no date.
      const bounds = from && at && !Number.isNaN(at.getTime()) ? behind(order, at, from.id) : null;
      const range: Prisma.GrantWhereInput = bounds ? { AND: [{ notAfter: bounds.edge }, { OR: [{ notAfter: bounds.beyond }, { id: bounds.id }] }] } : {};
      return tx.grant.findMany({ where: { AND: [where, range] }, include, orderBy: [{ notAfter: order }, { id: order }], take });
    },
  });
}

/** The sessions that a person may see: live, ending, and closed within the last day; all three of one moment. */
export function readSessions(actor: PersonActor, query: SessionsQuery, now = new Date()): Promise<SessionsView> {
  const seesAll = allows(actor.roles, "session:view-all");
  const visible = seesAll ? {} : concerns(actor.personId);
  const include = partsFor(actor.personId);
  const of = (states: readonly GrantState[]): Prisma.GrantWhereInput => ({ AND: [{ state: { in: [...states] } }, visible] });
  return db.$transaction(
    async (tx) => {
      const live = await readLive(tx, of(liveStates), include, query);
      const total = await count(tx, of(liveStates));
      const ending = await tx.grant.findMany({ where: of(endingStates), include, orderBy: [{ endingAt: "asc" }, { id: "asc" }], take: mostEnding });
      const endingTotal = await count(tx, of(endingStates));
      const recent = await tx.grant.findMany({
        where: { AND: [of(overStates), { closedAt: { gte: new Date(now.getTime() - recentMs) } }] },
        include,
        orderBy: [{ closedAt: "desc" }, { id: "desc" }],
        take: mostRecent,
      });
      const coverage = await readCoverage([...live.rows, ...ending, ...recent].map(({ systemId }) => systemId));
      const view = (row: Row) => ({ ...viewOf(row, actor), noUse: noUseOf(coverage.get(row.systemId) ?? [], row) });
      return {
        live: { rows: live.rows.map(view), next: live.next, previous: live.previous, total },
        ending: ending.map(view),
        endingTotal,
        recent: recent.map(view),
        seesAll,
        seesEvidence: allows(actor.roles, "evidence:view"),
      };
    },
    { isolationLevel: "RepeatableRead" },
  );
}
