import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import { parseIdentityKind } from "@/lib/identities/data";
import type { Page } from "@/lib/platform/page";
import { countItems, parseItemState, parseMissedAction, parseReviewers, readStanding } from "../data";
import { nextReviewState, whyNotAcknowledge } from "../rules";
import { decisions, followUps, type Consequence } from "../types";
import { rowOf } from "./list";
import type { ReviewItemsQuery } from "./list-schema";
import { readBurndown, readDecisions, readFollowUps, readPaces, readPeople } from "./progress";
import type { ItemRow, ReviewView } from "./types";

const pageSize = 50;

/** One review with its progress and its items, for whoever is asked in it and whoever may see all; null for everybody else. */
export async function readReview(reviewId: string, actor: PersonActor, query: ReviewItemsQuery, now: Date): Promise<ReviewView | null> {
  const row = await db.review.findUnique({ where: { id: reviewId }, include: { startedBy: { select: { name: true } }, closedBy: { select: { name: true } } } });
  if (!row) return null;
  const seesAll = allows(actor.roles, "review:view-all");
  const mine = await readMine(reviewId, actor.personId);
  if (!seesAll && mine.total === 0) return null;
  const base = rowOf(row, now);
  const span = { startedAt: row.startedAt, dueAt: row.dueAt, endedAt: row.closedAt ?? now, total: row.itemCount };
  const [counts, byDecision, follow, burndown, people, paces, items, preparedCount, standing] = await Promise.all([
    countItems(db, reviewId),
    readDecisions(reviewId),
    readFollowUps(reviewId),
    readBurndown(reviewId, span),
    readPeople(reviewId),
    readPaces(reviewId, actor.personId),
    listItems(reviewId, query, seesAll ? null : actor.personId),
    db.reviewItem.count({ where: { reviewId, factsAt: { not: null } } }),
    readStanding(db, reviewId, actor.personId),
  ]);
  const mayAcknowledge = allows(actor.roles, "review:acknowledge") ? whyNotAcknowledge({ review: base, ...standing }) : "no-permission";
  return {
    ...base,
    scope: row.scope,
    reviewers: parseReviewers(row.reviewers),
    onMissed: parseMissedAction(row.onMissed),
    startedBy: row.startedBy?.name ?? null,
    preparedCount,
    closedAt: row.closedAt?.toISOString() ?? null,
    closedBy: row.closedBy?.name ?? null,
    closeReason: row.closeReason,
    counts, byDecision, follow, burndown, items,
    people: people.rows,
    peopleTotal: people.total,
    pace: seesAll ? paces.together : null,
    ownPace: paces.own,
    mine: { open: mine.open, standIn: mine.standIn },
    may: { cancel: allows(actor.roles, "review:run") && nextReviewState(base.state, "cancel") !== null, acknowledge: mayAcknowledge },
  };
}

async function readMine(reviewId: string, personId: string): Promise<{ total: number; open: number; standIn: number }> {
  const [row] = await db.$queryRaw<{ total: number; open: number; stand_in: number }[]>`
    select count(*)::int as total, count(*) filter (where v.is_asked and t.state in ('open', 'missed'))::int as open,
      count(*) filter (where not v.is_asked and t.state in ('open', 'missed'))::int as stand_in
    from review_items t join review_reviewers v on v.item_id = t.id and v.person_id = ${personId}::uuid where t.review_id = ${reviewId}::uuid`;
  return { total: row?.total ?? 0, open: row?.open ?? 0, standIn: row?.stand_in ?? 0 };
}

const itemSelect = {
  id: true, state: true, position: true, risk: true, consequence: true,
  identity: { select: { id: true, name: true, kind: true } },
  reviewers: { where: { isAsked: true }, select: { person: { select: { name: true } } }, orderBy: { personId: "asc" }, take: 3 },
  outcome: { select: { decision: true, decidedAt: true, until: true, follow: true, person: { select: { name: true } } } },
} as const satisfies Prisma.ReviewItemSelect;

type Row = Prisma.ReviewItemGetPayload<{ select: typeof itemSelect }>;

async function listItems(reviewId: string, query: ReviewItemsQuery, onlyOf: string | null): Promise<Page<ItemRow>> {
  const where: Prisma.ReviewItemWhereInput = {
    reviewId,
    ...(query.state.length > 0 ? { state: { in: query.state } } : {}),
    ...(onlyOf ? { reviewers: { some: { personId: onlyOf } } } : {}),
  };
  const page = await readKeysetPage<Row>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.position }),
    read: ({ from, order, take }) => {
      const after = from ? behind(order, Number(from.value), from.id) : null;
      const place = after ? { position: after.edge, OR: [{ position: after.beyond }, { id: after.id }] } : {};
      return db.reviewItem.findMany({ where: { AND: [where, place] }, select: itemSelect, orderBy: [{ position: order }, { id: order }], take });
    },
  });
  return { ...page, rows: page.rows.map(itemRowOf), total: null };
}

const consequences: readonly Consequence[] = ["escalated", "froze", "rehearsed", "nobody-left"];

function itemRowOf({ identity, reviewers, outcome, ...row }: Row): ItemRow {
  return {
    id: row.id,
    risk: row.risk,
    state: parseItemState(row.state),
    identity: { ...identity, kind: parseIdentityKind(identity.kind) },
    asked: reviewers.map(({ person }) => person.name).join(", "),
    decision: decisions.find((known) => known === outcome?.decision) ?? null,
    decidedBy: outcome?.person.name ?? null,
    decidedAt: outcome?.decidedAt.toISOString() ?? null,
    until: outcome?.until?.toISOString() ?? null,
    follow: followUps.find((known) => known === outcome?.follow) ?? null,
    consequence: consequences.find((known) => known === row.consequence) ?? null,
  };
}
