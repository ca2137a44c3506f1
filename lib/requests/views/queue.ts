import "server-only";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { readKeysetPage, type KeysetRange } from "@/lib/db/keyset";
import { parseSensitivity } from "@/lib/entitlements/data";
import { sensitivities } from "@/lib/entitlements/types";
import { parseIdentityKind } from "@/lib/identities/data";
import type { Page } from "@/lib/platform/page";
import { readRiskParts } from "../schema";
import type { ApprovalListQuery } from "./list-schema";
import type { MeanwhileRow, OwnPace } from "./queue-types";
import type { ApprovalRow } from "./types";

const pageSize = 25;
/** Requests of one shape are counted up to this; more are "99+". */
const mostCounted = 100;
const paceDays = 30;

type Placed = { id: string; risk: number; submitted_at: Date };

/**
 * What waits for one person's vote: the riskiest first, the oldest first among equals, along one index. Own-side requests are
 * left out: the page of such a request says why.
 */
export async function listApprovals(personId: string, query: ApprovalListQuery): Promise<Page<ApprovalRow>> {
  const page = await readKeysetPage<Placed>({
    sort: { key: "risk", direction: "asc" },
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: `${row.risk}|${row.submitted_at.toISOString()}` }),
    read: (range) => readPlaces(personId, query.sensitivity, range),
  });
  return { ...page, rows: await readRows(personId, page.rows.map(({ id }) => id)), total: null };
}

/** Whether a request waits for this person's vote. */
function waitsFor(personId: string): Prisma.Sql {
  return Prisma.sql`r.state = 'pending' and r.decide_before > clock_timestamp()
    and exists (select from stages s join stage_members m on m.stage_id = s.id and m.person_id = ${personId}::uuid and m.removed_at is null
      where s.request_id = r.id and s.state = 'open')
    and not exists (select from votes v where v.request_id = r.id and v.person_id = ${personId}::uuid and v.voided_at is null)
    and not exists (select from side_members d where d.request_id = r.id and d.person_id = ${personId}::uuid)
    and not exists (select from identities i where i.id = r.identity_id and ${personId}::uuid in (i.owner_id, i.sponsor_id, i.backup_id, i.creator_id))`;
}

function readPlaces(personId: string, levels: readonly string[], { from, order, take }: KeysetRange): Promise<Placed[]> {
  const place = from ? placeIn(String(from.value)) : null;
  const edge = place ? Prisma.sql`(${place.risk}::int, ${place.at}::timestamptz, ${from?.id ?? null}::uuid)` : null;
  const [beyond, sort] = order === "asc" ? [Prisma.sql`>`, Prisma.sql`asc`] : [Prisma.sql`<`, Prisma.sql`desc`];
  return db.$queryRaw<Placed[]>`
    select r.id, r.risk, r.submitted_at from requests r
    where ${waitsFor(personId)}
      ${edge ? Prisma.sql`and ((-r.risk), r.submitted_at, r.id) ${beyond} ${edge}` : Prisma.empty}
      ${levels.length > 0 ? Prisma.sql`and r.sensitivity = any(${[...levels]}::text[])` : Prisma.empty}
    order by (-r.risk) ${sort}, r.submitted_at ${sort}, r.id ${sort}
    limit ${take}::int`;
}

/** A place of the queue; attacker-controlled, and what does not parse is no place. */
function placeIn(value: string): { readonly risk: number; readonly at: Date } | null {
  const [risk, time] = value.split("|");
  const at = new Date(time ?? "");
  return /^\d{1,6}$/.test(risk ?? "") && !Number.isNaN(at.getTime()) ? { risk: -Number(risk), at } : null;
}

async function readRows(personId: string, ids: readonly string[]): Promise<ApprovalRow[]> {
  const found = await db.request.findMany({
    where: { id: { in: [...ids] } },
    select: {
      id: true, number: true, version: true, grantedDurationSeconds: true, submittedAt: true, decideBefore: true, risk: true, riskParts: true, shape: true, stepUp: true,
      identity: { select: { id: true, name: true, kind: true } },
      requester: { select: { name: true } },
      requesterIdentity: { select: { name: true } },
      entitlements: { where: { leftOutAt: null }, select: { entitlement: { select: { name: true, sensitivity: true, system: { select: { name: true } } } } }, orderBy: { entitlement: { name: "asc" } } },
    },
  });
  const counts = await countShapes(personId, [...new Set(found.map(({ shape }) => shape).filter(Boolean))]);
  const rows = found.map(({ requester, requesterIdentity, entitlements, identity, riskParts, grantedDurationSeconds, ...row }): ApprovalRow => {
    const levels = entitlements.map(({ entitlement }) => parseSensitivity(entitlement.sensitivity));
    return {
      ...row,
      identity: { ...identity, kind: parseIdentityKind(identity.kind) },
      entitlement: entitlements.map(({ entitlement }) => entitlement.name).join(", "),
      system: entitlements[0]?.entitlement.system.name ?? "",
      sensitivity: sensitivities.findLast((level) => levels.includes(level)) ?? "critical",
      asker: requester?.name ?? requesterIdentity?.name ?? "somebody who is erased",
      durationSeconds: grantedDurationSeconds,
      submittedAt: row.submittedAt.toISOString(),
      decideBefore: row.decideBefore.toISOString(),
      risk: { points: row.risk, parts: readRiskParts(riskParts) },
      alike: counts.get(row.shape) ?? 1,
    };
  });
  return ids.flatMap((id) => rows.filter((row) => row.id === id));
}

/** How many of each shape wait for this person: the page says "9 alike" before anything is selected. */
async function countShapes(personId: string, shapes: readonly string[]): Promise<Map<string, number>> {
  if (shapes.length === 0) return new Map();
  const rows = await db.$queryRaw<{ shape: string; count: number }[]>`
    select wanted.shape, counted.count from unnest(${[...shapes]}::text[]) as wanted (shape)
    cross join lateral (
      select count(*)::int as count from (select 1 from requests r where r.shape = wanted.shape and ${waitsFor(personId)} limit ${mostCounted}::int) alike
    ) counted`;
  return new Map(rows.map(({ shape, count }) => [shape, count]));
}

/** How many requests wait for a person's vote, counted up to `most`: what the queue would list, and nothing else. */
export async function countApprovals(personId: string, most: number): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`select count(*)::int as count from (select 1 from requests r where ${waitsFor(personId)} limit ${most}::int) waiting`;
  return row?.count ?? 0;
}

/** What became of requests that are gone from somebody's list, and by whom: for those whom they asked. */
export async function readMeanwhile(personId: string, requestIds: readonly string[]): Promise<MeanwhileRow[]> {
  const rows = await db.request.findMany({
    where: { id: { in: [...requestIds] }, stages: { some: { members: { some: { personId } } } } },
    select: {
      id: true, state: true, decidedAt: true,
      votes: { where: { voidedAt: null }, select: { answer: true, votedAt: true, person: { select: { name: true } } }, orderBy: [{ votedAt: "desc" }, { id: "desc" }], take: 1 },
    },
  });
  return rows.flatMap(({ id, state, decidedAt, votes: [vote] }) => {
    const at = vote?.votedAt ?? decidedAt;
    if (!at) return [];
    const isVoted = vote !== undefined && (state === "pending" || state === "approved" || state === "denied");
    return [{ requestId: id, state, by: isVoted ? vote.person.name : null, answer: isVoted ? (vote.answer === "approve" ? ("approve" as const) : ("deny" as const)) : null, at: at.toISOString() }];
  });
}

/** How somebody decided lately. Only ever asked for oneself. */
export async function readOwnPace(personId: string): Promise<OwnPace | null> {
  const [row] = await db.$queryRaw<{ decided: number; median_ms: number | null; unopened: number; hasty: number; together: number }[]>`
    select count(*)::int as decided, percentile_cont(0.5) within group (order by l.took_ms) as median_ms,
      count(*) filter (where not v.was_opened)::int as unopened, count(*) filter (where v.is_hasty)::int as hasty, count(*) filter (where v.batch_size > 1)::int as together
    from votes v left join request_looks l on l.request_id = v.request_id and l.person_id = v.person_id
    where v.person_id = ${personId}::uuid and v.voted_at > clock_timestamp() - make_interval(days => ${paceDays}::int)`;
  if (!row || row.decided === 0) return null;
  return { days: paceDays, decided: row.decided, medianMs: row.median_ms, unopened: row.unopened, hasty: row.hasty, together: row.together };
}
