import "server-only";
import { db } from "@/lib/db/client";
import { readKeysetPage } from "@/lib/db/keyset";
import { parseIdentityKind } from "@/lib/identities/data";
import type { Page } from "@/lib/platform/page";
import { parseItemState, parseRecommendation } from "../data";
import { batchObstacles, decisions, type BatchObstacle, type Decision } from "../types";
import type { QueueQuery } from "./list-schema";
import type { BatchView, QueueRow, StagedView } from "./types";

const pageSize = 50;
const mostTogether = 400;
const mostNamed = 50;

const asDecision = (word: string | null): Decision | null => decisions.find((known) => known === word) ?? null;

type Row = {
  id: string; review_id: string; review_name: string; due_at: Date; state: string; identity_id: string; identity_name: string; identity_kind: string;
  risk: number; recommendation: unknown; staged: string | null; is_asked: boolean; place: string;
};

/**
 * What waits for one person: of one review also what they may stand in for. The most urgent review first, inside it the order
 * of its population; one text holds both, so that one keyset serves it.
 */
export async function listQueue(personId: string, query: QueueQuery): Promise<Page<QueueRow>> {
  const page = await readKeysetPage<Row>({
    sort: { key: "place", direction: "asc" },
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.place }),
    read: ({ from, order, take }) => {
      const [value, id, backwards] = [from ? String(from.value) : null, from?.id ?? null, order === "desc"];
      return db.$queryRaw<Row[]>`
        with queue as (
          select t.id, t.review_id, r.name as review_name, r.due_at, t.state, t.identity_id, t.risk, t.recommendation, v.is_asked, d.decision as staged,
            (to_char(r.due_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') || '|' || lpad(r.number::text, 10, '0') || '|' || lpad(t.position::text, 8, '0')) collate "C" as place
          from review_reviewers v join review_items t on t.id = v.item_id and t.state in ('open', 'missed')
          join reviews r on r.id = t.review_id and r.state in ('running', 'decided')
          left join review_drafts d on d.item_id = t.id and d.person_id = v.person_id
          where v.person_id = ${personId}::uuid and (r.id = ${query.review ?? null}::uuid or (${query.review ?? null}::uuid is null and v.is_asked))
        )
        select q.*, i.name as identity_name, i.kind as identity_kind from queue q join identities i on i.id = q.identity_id
        where ${value}::text is null
          or (not ${backwards}::boolean and (q.place, q.id) > (${value}::text, ${id}::uuid))
          or (${backwards}::boolean and (q.place, q.id) < (${value}::text, ${id}::uuid))
        order by case when ${backwards}::boolean then null else q.place end, case when ${backwards}::boolean then null else q.id end,
          case when ${backwards}::boolean then q.place end desc, case when ${backwards}::boolean then q.id end desc
        limit ${take}::int`;
    },
  });
  return { ...page, rows: page.rows.map(rowOf), total: null };
}

function rowOf(row: Row): QueueRow {
  return {
    id: row.id,
    reviewId: row.review_id,
    reviewName: row.review_name,
    dueAt: row.due_at.toISOString(),
    state: parseItemState(row.state),
    identity: { id: row.identity_id, name: row.identity_name, kind: parseIdentityKind(row.identity_kind) },
    risk: row.risk,
    recommends: parseRecommendation(row.recommendation)?.decision ?? null,
    staged: asDecision(row.staged),
    isAsked: row.is_asked,
  };
}

/** What of somebody's queue could be kept in one decision, and why the rest cannot. Staged items are left out. */
export async function readBatch(personId: string, reviewId: string | null): Promise<BatchView> {
  const rows = await db.$queryRaw<{ why: string | null; count: number; ids: string[] | null }[]>`
    select t.not_in_batch as why, count(*)::int as count, case when t.not_in_batch is null then (array_agg(t.id order by t.position))[1:${mostTogether}::int] end as ids
    from review_reviewers v join review_items t on t.id = v.item_id and t.state = 'open' and t.facts is not null
    join reviews r on r.id = t.review_id and r.state = 'running'
    where v.person_id = ${personId}::uuid and v.is_asked and (${reviewId}::uuid is null or r.id = ${reviewId}::uuid)
      and not exists (select from review_drafts d where d.item_id = t.id and d.person_id = v.person_id)
    group by t.not_in_batch`;
  const known = (why: string | null): BatchObstacle | null => batchObstacles.find((obstacle) => obstacle === why) ?? null;
  return {
    ids: rows.find(({ why }) => why === null)?.ids ?? [],
    obstacles: rows.flatMap(({ why, count }) => {
      const obstacle = known(why);
      return obstacle ? [{ why: obstacle, count }] : [];
    }),
  };
}

/** What somebody has staged, of one review or of all. */
export async function readStaged(personId: string, reviewId: string | null): Promise<StagedView> {
  const where = { personId, ...(reviewId ? { item: { reviewId } } : {}) };
  const groups = await db.reviewDraft.groupBy({ by: ["decision"], where, _count: true });
  const acting = await db.reviewDraft.findMany({
    where: { ...where, decision: { in: ["rehearse", "offboard"] } },
    select: { itemId: true, decision: true, item: { select: { identity: { select: { name: true } } } } },
    orderBy: { itemId: "asc" },
    take: mostNamed,
  });
  return {
    total: groups.reduce((sum, { _count }) => sum + _count, 0),
    byDecision: decisions.flatMap((decision) => {
      const count = groups.find((group) => group.decision === decision)?._count ?? 0;
      return count > 0 ? [{ decision, count }] : [];
    }),
    acting: acting.flatMap(({ itemId, decision, item }) => {
      const known = asDecision(decision);
      return known ? [{ itemId, name: item.identity.name, decision: known }] : [];
    }),
  };
}
