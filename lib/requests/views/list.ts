import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, type KeysetRange, readKeysetPage } from "@/lib/db/keyset";
import { parseSensitivity } from "@/lib/entitlements/data";
import { sensitivities } from "@/lib/entitlements/types";
import { parseGrantState } from "@/lib/grants/data";
import { parseIdentityKind } from "@/lib/identities/data";
import { formatList } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import { parseRequestState } from "../data";
import type { ApprovalListQuery, RequestListQuery } from "./list-schema";
import type { ApprovalRow, RequestPhase, RequestRow, RequestScope } from "./types";

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
  entitlements: { select: { entitlement: { select: { name: true, sensitivity: true, system: { select: { name: true } } } } }, orderBy: { entitlementId: "asc" }, take: 3 },
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

type QueueRow = {
  id: string; number: number; granted_duration_seconds: number; submitted_at: Date; decide_before: Date; place: string;
  identity_id: string; identity_name: string; identity_kind: string; asker: string | null; entitlement: string; sensitivity: string; system: string;
};

/**
 * What waits for one person's vote: the riskiest first, the oldest first among equals. Own-side requests are left out: the
 * page of such a request says why. Sorted by a text that holds both (`rank|time`), so that one keyset serves it.
 */
export async function listApprovals(personId: string, query: ApprovalListQuery): Promise<Page<ApprovalRow>> {
  const levels = query.sensitivity.length > 0 ? query.sensitivity : [...sensitivities];
  const page = await readKeysetPage<QueueRow>({
    sort: { key: "risk", direction: "asc" },
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.place }),
    read: ({ from, order, take }) => readQueue(personId, levels, { from, order, take }),
  });
  return { ...page, rows: page.rows.map(approvalOf), total: null };
}

function readQueue(personId: string, levels: readonly string[], { from, order, take }: Pick<KeysetRange, "from" | "order" | "take">): Promise<QueueRow[]> {
  const [value, id, backwards] = [from ? String(from.value) : null, from?.id ?? null, order === "desc"];
  return db.$queryRaw<QueueRow[]>`
    with queue as (
      select r.id, r.number, r.granted_duration_seconds, r.submitted_at, r.decide_before, r.identity_id, r.requester_id, r.requester_identity_id,
        what.entitlement, what.sensitivity, what.system,
        ((4 - what.rank)::text || '|' || to_char(r.submitted_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')) collate "C" as place
      from requests r
      cross join lateral (
        select string_agg(e.name, ', ' order by e.name) as entitlement, min(y.name) as system,
          max(array_position(array['low', 'medium', 'high', 'critical'], e.sensitivity)) as rank,
          (array['low', 'medium', 'high', 'critical'])[max(array_position(array['low', 'medium', 'high', 'critical'], e.sensitivity))] as sensitivity
        from request_entitlements x join entitlements e on e.id = x.entitlement_id join systems y on y.id = e.system_id
        where x.request_id = r.id
      ) what
      where r.state = 'pending' and r.decide_before > clock_timestamp() and what.sensitivity = any(${[...levels]}::text[])
        and exists (select from stages s join stage_members m on m.stage_id = s.id and m.person_id = ${personId}::uuid and m.removed_at is null
          where s.request_id = r.id and s.state = 'open')
        and not exists (select from votes v where v.request_id = r.id and v.person_id = ${personId}::uuid and v.voided_at is null)
        and not exists (select from side_members d where d.request_id = r.id and d.person_id = ${personId}::uuid)
    )
    select q.*, i.name as identity_name, i.kind as identity_kind, coalesce(p.name, w.name) as asker
    from queue q
    join identities i on i.id = q.identity_id
    left join people p on p.id = q.requester_id
    left join identities w on w.id = q.requester_identity_id
    where not ${personId}::uuid = any(array_remove(array[i.owner_id, i.sponsor_id, i.backup_id, i.creator_id], null))
      and (${value}::text is null
        or (not ${backwards}::boolean and (q.place, q.id) > (${value}::text, ${id}::uuid))
        or (${backwards}::boolean and (q.place, q.id) < (${value}::text, ${id}::uuid)))
    order by case when ${backwards}::boolean then null else q.place end, case when ${backwards}::boolean then null else q.id end,
      case when ${backwards}::boolean then q.place end desc, case when ${backwards}::boolean then q.id end desc
    limit ${take}::int`;
}

function approvalOf(row: QueueRow): ApprovalRow {
  return {
    id: row.id,
    number: row.number,
    identity: { id: row.identity_id, name: row.identity_name, kind: parseIdentityKind(row.identity_kind) },
    entitlement: row.entitlement,
    system: row.system,
    sensitivity: parseSensitivity(row.sensitivity),
    asker: row.asker ?? "somebody who is erased",
    durationSeconds: row.granted_duration_seconds,
    submittedAt: row.submitted_at.toISOString(),
    decideBefore: row.decide_before.toISOString(),
  };
}
