import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import type { Page } from "@/lib/platform/page";
import { parseReviewKind, parseReviewState } from "../data";
import { triggers } from "../types";
import type { ReviewListQuery } from "./list-schema";
import type { MyReview, ReviewRow } from "./types";

const pageSize = 50;
const mostMine = 50;

const rowSelect = {
  id: true, number: true, kind: true, trigger: true, name: true, state: true, startedAt: true, dueAt: true, itemCount: true, openCount: true,
} as const satisfies Prisma.ReviewSelect;

type Row = Prisma.ReviewGetPayload<{ select: typeof rowSelect }>;

/** A review as rows and pages show it. */
export function rowOf(row: Row, now: Date): ReviewRow {
  const state = parseReviewState(row.state);
  return {
    ...row,
    state,
    kind: parseReviewKind(row.kind),
    trigger: triggers.find((known) => known === row.trigger) ?? null,
    startedAt: row.startedAt.toISOString(),
    dueAt: row.dueAt.toISOString(),
    isLate: state === "running" && row.dueAt <= now,
  };
}

/** Reviews, the newest first: all of them, or those that one person is asked in. */
export async function listReviews(query: ReviewListQuery, onlyOf: string | null, now: Date): Promise<Page<ReviewRow>> {
  const where: Prisma.ReviewWhereInput = {
    ...(query.state.length > 0 ? { state: { in: query.state } } : {}),
    ...(query.kind.length > 0 ? { kind: { in: query.kind } } : {}),
    ...(onlyOf ? { items: { some: { reviewers: { some: { personId: onlyOf } } } } } : {}),
  };
  const column = query.sort.key === "due" ? "dueAt" : "startedAt";
  const page = await readKeysetPage<Row>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row[column].toISOString() }),
    read: ({ from, order, take }) => {
      const after = from ? behind(order, new Date(String(from.value)), from.id) : null;
      const place = after ? { [column]: after.edge, OR: [{ [column]: after.beyond }, { id: after.id }] } : {};
      return db.review.findMany({ where: { AND: [where, place] }, select: rowSelect, orderBy: [{ [column]: order }, { id: order }], take });
    },
  });
  return { ...page, rows: page.rows.map((row) => rowOf(row, now)), total: null };
}

/** Reviews in which somebody is asked and has not decided everything, the most urgent first. */
export async function readMyReviews(personId: string, now: Date): Promise<MyReview[]> {
  const rows = await db.$queryRaw<{ id: string; open: number; staged: number }[]>`
    select t.review_id as id, count(*)::int as open, count(d.item_id)::int as staged
    from review_reviewers v join review_items t on t.id = v.item_id and t.state in ('open', 'missed')
    join reviews r on r.id = t.review_id and r.state in ('running', 'decided')
    left join review_drafts d on d.item_id = t.id and d.person_id = v.person_id
    where v.person_id = ${personId}::uuid and v.is_asked
    group by t.review_id, r.due_at order by r.due_at, t.review_id limit ${mostMine}::int`;
  const reviews = await db.review.findMany({ where: { id: { in: rows.map(({ id }) => id) } }, select: rowSelect });
  return rows.flatMap(({ id, open, staged }) => {
    const review = reviews.find((candidate) => candidate.id === id);
    return review ? [{ ...rowOf(review, now), open, staged }] : [];
  });
}
