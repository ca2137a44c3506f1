import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, type KeysetRange, readKeysetPage } from "@/lib/db/keyset";
import { sensitivities } from "@/lib/entitlements/types";
import { parseGrantState } from "@/lib/grants/data";
import { parseIdentityKind } from "@/lib/identities/data";
import { formatList } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import { parseRequestState } from "../data";
import { mostEntitlements } from "../types";
import type { RequestListQuery } from "./list-schema";
import type { RequestPhase, RequestRow, RequestScope } from "./types";

const pageSize = 50;
const countLimit = 10_000;

const unfinished = ["ending", "accepted", "stuck", "not-provable"];
const over = ["proven", "forced", "expired-unproven", "failed"];
const alive = ["ready", "issuing", "active", ...unfinished];

const wherePhase: Readonly<Record<RequestPhase, Prisma.RequestWhereInput>> = {
  waiting: { state: "pending" },
  ready: { state: "approved", grants: { some: { state: { in: ["ready", "issuing"] } } } },
  live: { state: "approved", grants: { some: { state: "active" } } },
  ending: { state: "approved", grants: { some: { state: { in: unfinished } } } },
  over: { state: "approved", grants: { some: { state: { in: over } }, none: { state: { in: alive } } } },
  denied: { state: "denied" },
  withdrawn: { state: "withdrawn" },
  lapsed: { state: "lapsed" },
};

function whereScope(scope: RequestScope, personId: string): Prisma.RequestWhereInput {
  switch (scope) {
    case "mine":
      return { requesterId: personId };
    case "concerning-me":
      return {
        OR: [
          { requesterId: personId },
          { sides: { some: { personId } } },
          { stages: { some: { members: { some: { personId } } } } },
          { identity: { OR: [{ ownerId: personId }, { sponsorId: personId }, { backupId: personId }, { creatorId: personId }] } },
        ],
      };
    case "all":
      return {};
  }
}

const rowSelect = {
  id: true, number: true, purpose: true, durationSeconds: true, grantedDurationSeconds: true, submittedAt: true, state: true, decideBefore: true, activateBefore: true, demo: true,
  identity: { select: { id: true, name: true, kind: true } },
  requester: { select: { name: true } },
  requesterIdentity: { select: { name: true } },
  entitlements: { select: { entitlement: { select: { name: true, sensitivity: true, system: { select: { name: true } } } } }, orderBy: { entitlementId: "asc" }, take: mostEntitlements },
  stages: { where: { state: "open" }, select: { label: true }, orderBy: { id: "asc" }, take: 4 },
  grants: { select: { state: true, notAfter: true, activateBefore: true }, orderBy: [{ createdAt: "desc" }, { id: "desc" }], take: 1 },
} as const satisfies Prisma.RequestSelect;

type SelectedRow = Prisma.RequestGetPayload<{ select: typeof rowSelect }>;

/** One page of requests, the newest first unless the URL says otherwise. */
export async function listRequests(actor: PersonActor, scope: RequestScope, query: RequestListQuery): Promise<Page<RequestRow>> {
  const where: Prisma.RequestWhereInput = {
    AND: [
      whereScope(scope, actor.personId),
      query.phase.length > 0 ? { OR: query.phase.map((phase) => wherePhase[phase]) } : {},
      query.sensitivity.length > 0 ? { entitlements: { some: { entitlement: { sensitivity: { in: query.sensitivity } } } } } : {},
    ],
  };
  const page = await readKeysetPage<SelectedRow>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.submittedAt.toISOString() }),
    read: (range) => db.request.findMany({ where: { AND: [where, beyond(range)] }, select: rowSelect, orderBy: [{ submittedAt: range.order }, { id: range.order }], take: range.take }),
  });
  const found = await db.request.count({ where, take: countLimit + 1 });
  return { ...page, rows: page.rows.map(rowOf), total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

function beyond({ from, order }: KeysetRange): Prisma.RequestWhereInput {
  const at = from ? new Date(String(from.value)) : null;
  // Attacker-controlled: a cursor may hold a text that is no date.
  if (!from || !at || Number.isNaN(at.getTime())) return {};
  const bounds = behind(order, at, from.id);
  return { AND: [{ submittedAt: bounds.edge }, { OR: [{ submittedAt: bounds.beyond }, { id: bounds.id }] }] };
}

function rowOf(row: SelectedRow): RequestRow {
  const entitlements = row.entitlements.map(({ entitlement }) => entitlement);
  const state = parseRequestState(row.state);
  const grant = row.grants[0];
  const grantState = grant ? parseGrantState(grant.state) : null;
  const until = state === "pending" ? row.decideBefore : grantState === "ready" ? (grant?.activateBefore ?? null) : grantState === "active" ? (grant?.notAfter ?? null) : null;
  return {
    id: row.id,
    number: row.number,
    identity: { ...row.identity, kind: parseIdentityKind(row.identity.kind) },
    entitlement: entitlements.map(({ name }) => name).join(", "),
    system: entitlements[0]?.system.name ?? "",
    sensitivity: sensitivities.findLast((level) => entitlements.some(({ sensitivity }) => sensitivity === level)) ?? "critical",
    asker: row.requester?.name ?? row.requesterIdentity?.name ?? "somebody who is erased",
    purpose: row.purpose,
    durationSeconds: state === "pending" ? row.grantedDurationSeconds : row.durationSeconds,
    submittedAt: row.submittedAt.toISOString(),
    state,
    grantState,
    waitsFor: row.stages.length > 0 ? formatList(row.stages.map(({ label }) => label)) : null,
    until: until?.toISOString() ?? null,
    demo: row.demo,
  };
}
