import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows, type Permission } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { parseGrantState } from "@/lib/grants/data";
import { parseIdentityKind } from "@/lib/identities/data";
import { countUnread } from "@/lib/notifications/data";
import type { CappedCount } from "@/lib/platform/format";
import { countProposalsFor } from "@/lib/proposals/data";
import { countApprovals } from "@/lib/requests/views/queue";
import { countOffersFor } from "@/lib/succession/data";
import type { GrantView, Some, TroubledSystemView, UnownedView, VoteView, Waiting } from "./types";

/** Rows of each part; the pages behind them have the rest. */
const few = 6;
const countLimit = 1_000;

const liveStates = ["issuing", "active"];
const unprovenStates = ["ending", "accepted", "stuck"];

/** Whose grants: everybody's, or those of one person's requests and identities. */
export type GrantScope = "all" | { readonly personId: string };

/** Everything for those who may see all sessions, else a person's own. */
export function scopeOf(actor: PersonActor): GrantScope {
  return allows(actor.roles, "session:view-all") ? "all" : { personId: actor.personId };
}

async function capped(count: (take: number) => Promise<number>): Promise<CappedCount> {
  const found = await count(countLimit + 1);
  return { count: Math.min(found, countLimit), capped: found > countLimit };
}

function waitingForVoteOf(personId: string) {
  return {
    state: "pending",
    sides: { none: { personId } },
    stages: {
      some: {
        state: "open",
        members: { some: { personId, removedAt: null } },
        votes: { none: { personId, voidedAt: null } },
      },
    },
  };
}

function withinScope(scope: GrantScope) {
  if (scope === "all") return {};
  const { personId } = scope;
  return {
    OR: [
      { request: { requesterId: personId } },
      { identity: { OR: [{ ownerId: personId }, { sponsorId: personId }, { backupId: personId }] } },
    ],
  };
}

/** Requests that wait for a person's vote, the longest waiting first. */
export async function readVotesFor(personId: string): Promise<Some<VoteView>> {
  const where = waitingForVoteOf(personId);
  const rows = await db.request.findMany({
    where,
    orderBy: [{ submittedAt: "asc" }, { id: "asc" }],
    take: few,
    select: {
      id: true, number: true, grantedDurationSeconds: true, submittedAt: true, decideBefore: true,
      identity: { select: { id: true, name: true, kind: true } },
      requester: { select: { name: true } },
      requesterIdentity: { select: { name: true } },
      entitlements: { select: { entitlement: { select: { name: true } } }, take: 10 },
    },
  });
  return {
    total: await capped((take) => db.request.count({ where, take })),
    rows: rows.map((row) => ({
      requestId: row.id,
      number: row.number,
      identity: { ...row.identity, kind: parseIdentityKind(row.identity.kind) },
      entitlements: row.entitlements.map(({ entitlement }) => entitlement.name),
      requester: row.requester?.name ?? row.requesterIdentity?.name ?? "somebody who is erased",
      durationSeconds: row.grantedDurationSeconds,
      submittedAt: row.submittedAt.toISOString(),
      decideBefore: row.decideBefore.toISOString(),
    })),
  };
}

const grantSelect = {
  id: true, requestId: true, state: true, durationSeconds: true, activateBefore: true, notAfter: true, endingAt: true,
  nextAttemptAt: true,
  request: { select: { number: true } },
  identity: { select: { id: true, name: true, kind: true } },
  entitlement: { select: { name: true } },
  system: { select: { name: true, unreachableSince: true } },
} as const;

type GrantRow = {
  id: string; requestId: string; state: string; durationSeconds: number; activateBefore: Date; notAfter: Date | null;
  endingAt: Date | null; nextAttemptAt: Date | null; request: { number: number };
  identity: { id: string; name: string; kind: string }; entitlement: { name: string };
  system: { name: string; unreachableSince: Date | null };
};

function viewOf(row: GrantRow): GrantView {
  return {
    id: row.id,
    requestId: row.requestId,
    requestNumber: row.request.number,
    identity: { ...row.identity, kind: parseIdentityKind(row.identity.kind) },
    entitlement: row.entitlement.name,
    system: row.system.name,
    state: parseGrantState(row.state),
    durationSeconds: row.durationSeconds,
    activateBefore: row.activateBefore.toISOString(),
    notAfter: row.notAfter?.toISOString() ?? null,
    endingAt: row.endingAt?.toISOString() ?? null,
    nextAttemptAt: row.nextAttemptAt?.toISOString() ?? null,
    isSystemUnreachable: row.system.unreachableSince !== null,
  };
}

/** Approved grants that wait for a person to activate them, the soonest to lapse first. */
export async function readReadyFor(personId: string, now: Date): Promise<Some<GrantView>> {
  const where = { state: "ready", activateBefore: { gt: now }, request: { requesterId: personId } };
  const rows = await db.grant.findMany({ where, select: grantSelect, orderBy: [{ activateBefore: "asc" }, { id: "asc" }], take: few });
  return { rows: rows.map(viewOf), total: await capped((take) => db.grant.count({ where, take })) };
}

/** Live sessions, the soonest to end first. */
export async function readLive(scope: GrantScope): Promise<Some<GrantView>> {
  const where = { state: { in: liveStates }, ...withinScope(scope) };
  const rows = await db.grant.findMany({ where, select: grantSelect, orderBy: [{ notAfter: "asc" }, { id: "asc" }], take: few });
  return { rows: rows.map(viewOf), total: await capped((take) => db.grant.count({ where, take })) };
}

/** Ends that were asked for and are not proven yet, the oldest first. */
export async function readUnproven(scope: GrantScope): Promise<Some<GrantView>> {
  const where = { state: { in: unprovenStates }, ...withinScope(scope) };
  const rows = await db.grant.findMany({ where, select: grantSelect, orderBy: [{ endingAt: "asc" }, { id: "asc" }], take: few });
  return { rows: rows.map(viewOf), total: await capped((take) => db.grant.count({ where, take })) };
}

/** Identities that nobody answers for, by name. */
export async function readUnowned(): Promise<Some<UnownedView>> {
  const where = { state: "unowned", vanishedAt: null };
  const rows = await db.identity.findMany({
    where,
    select: { id: true, name: true, kind: true, environment: true, lastActiveAt: true, visibleSince: true },
    orderBy: [{ lastActiveAt: { sort: "desc", nulls: "last" } }, { id: "asc" }],
    take: few,
  });
  return {
    total: await capped((take) => db.identity.count({ where, take })),
    rows: rows.map((row) => ({
      ...row,
      kind: parseIdentityKind(row.kind),
      lastActiveAt: row.lastActiveAt?.toISOString() ?? null,
      visibleSince: row.visibleSince?.toISOString() ?? null,
    })),
  };
}

/** Targets that cannot be reached, the longest first. */
export async function readTroubledSystems(): Promise<TroubledSystemView[]> {
  const rows = await db.system.findMany({
    where: { unreachableSince: { not: null } },
    select: { id: true, name: true, unreachableSince: true },
    orderBy: { unreachableSince: "asc" },
    take: few,
  });
  return rows.flatMap(({ id, name, unreachableSince }) =>
    unreachableSince ? [{ id, name, unreachableSince: unreachableSince.toISOString() }] : [],
  );
}

const badgeLimit = 100;

/** What waits for a person to act on, by what the person may do; up to 100 of each. */
export async function countWaitingFor(actor: PersonActor, now: Date): Promise<Waiting> {
  const may = (permission: Permission) => allows(actor.roles, permission);
  const [approvals, requests, sessions, reviews, proposals, stops, identities, inbox] = await Promise.all([
    may("request:decide") ? countApprovals(actor.personId, badgeLimit) : 0,
    may("grant:activate") ? countReadyFor(actor.personId, now) : 0,
    may("grant:end") ? countStuck(scopeOf(actor)) : 0,
    may("review:decide") ? countReviewsFor(actor.personId) : 0,
    may("proposal:decide") ? countProposalsFor(actor.personId) : 0,
    may("directory:manage") ? db.leavingStop.count({ where: { state: "waiting" }, take: badgeLimit }) : 0,
    may("hand-over:answer") ? countOffersFor(actor.personId, now) : 0,
    may("inbox:view") ? countUnread(actor.personId) : 0,
  ]);
  return { approvals, requests, sessions, reviews, people: proposals + stops, identities, inbox };
}

function countReviewsFor(personId: string): Promise<number> {
  return db.reviewItem.count({
    where: { state: { in: ["open", "missed"] }, reviewers: { some: { personId, isAsked: true } }, review: { state: { in: ["running", "decided"] } } },
    take: badgeLimit,
  });
}

async function countReadyFor(personId: string, now: Date): Promise<number> {
  return db.grant.count({
    where: { state: "ready", activateBefore: { gt: now }, request: { requesterId: personId } },
    take: badgeLimit,
  });
}

async function countStuck(scope: GrantScope): Promise<number> {
  return db.grant.count({ where: { state: "stuck", ...withinScope(scope) }, take: badgeLimit });
}
