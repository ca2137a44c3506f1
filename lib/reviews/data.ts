import "server-only";
import type { Transaction } from "@/lib/db/transaction";
import { AppError } from "@/lib/platform/errors";
import type { Tally } from "./rules";
import { changesSchema, recommendationSchema, reviewFactsSchema } from "./facts-schema";
import {
  decisions, followUps, itemStates, missedActions, reviewerRoles, reviewKinds, reviewStates,
  type Change, type Decision, type FollowUp, type ItemState, type MissedAction, type Recommendation, type ReviewerRole, type ReviewerWhy, type ReviewFacts, type ReviewKind, type ReviewState,
} from "./types";

function known<const Word extends string>(words: readonly Word[], text: string, what: string): Word {
  const found = words.find((word) => word === text);
  if (!found) throw new AppError("integrity", `unknown ${what} ${text}`);
  return found;
}

/** Parses a review's state; an unknown one is a fault, never a permission. */
export const parseReviewState = (state: string): ReviewState => known(reviewStates, state, "state of a review");
/** Parses an item's state. */
export const parseItemState = (state: string): ItemState => known(itemStates, state, "state of an item");
/** Parses the kind of a review. */
export const parseReviewKind = (kind: string): ReviewKind => known(reviewKinds, kind, "kind of review");
/** Parses what a missed review does. */
export const parseMissedAction = (action: string): MissedAction => known(missedActions, action, "consequence");
/** The roles of a side that a review asks; unknown words ask nobody. */
export const parseReviewers = (words: readonly string[]): ReviewerRole[] => reviewerRoles.filter((role) => words.includes(role));

const reasonsWhy: readonly ReviewerWhy[] = [...reviewerRoles, "lead", "administrator"];
/** Parses why somebody may decide. */
export const parseWhy = (why: string): ReviewerWhy => known(reasonsWhy, why, "reason to review");

/** A promise as its rules ask about it; unknown words promise nothing. */
export function parsePromise({ decision, follow }: { readonly decision: string; readonly follow: string | null }): { decision: Decision; follow: FollowUp | null } {
  return { decision: known(decisions, decision, "decision"), follow: followUps.find((word) => word === follow) ?? null };
}

/** Whether somebody answers for an identity now. */
export function isOnSide(identity: { readonly ownerId: string | null; readonly sponsorId: string | null; readonly backupId: string | null }, personId: string): boolean {
  return [identity.ownerId, identity.sponsorId, identity.backupId].includes(personId);
}

/** The frozen facts of an item, or null where they are not frozen yet. */
export function parseFacts(facts: unknown): ReviewFacts | null {
  return facts === null ? null : reviewFactsSchema.parse(facts);
}

/** What changed since the last decision; null where there was none. */
export function parseChanges(changes: unknown): Change[] | null {
  return changes === null ? null : changesSchema.parse(changes);
}

/** What Curfew recommends about an item; null before its facts are frozen. */
export function parseRecommendation(recommendation: unknown): Recommendation | null {
  return recommendation === null ? null : recommendationSchema.parse(recommendation);
}

export type LockedReview = {
  readonly id: string; readonly kind: ReviewKind; readonly state: ReviewState; readonly dueAt: Date; readonly openCount: number; readonly itemCount: number; readonly onMissed: MissedAction;
  readonly reviewers: readonly ReviewerRole[]; readonly demo: boolean; readonly number: number; readonly trigger: string | null; readonly identityId: string | null;
};

/** Locks reviews in the order of their ids, so that two who need the same ones never wait for each other. Items come after. */
export async function lockReviews(tx: Transaction, ids: readonly string[]): Promise<Map<string, LockedReview>> {
  if (ids.length === 0) return new Map();
  await tx.$queryRaw`select id from reviews where id = any(${[...ids]}::uuid[]) order by id for update`;
  const rows = await tx.review.findMany({ where: { id: { in: [...ids] } } });
  return new Map(
    rows.map((row) => [
      row.id,
      {
        id: row.id, dueAt: row.dueAt, openCount: row.openCount, itemCount: row.itemCount, demo: row.demo, number: row.number, trigger: row.trigger, identityId: row.identityId,
        kind: parseReviewKind(row.kind), state: parseReviewState(row.state), onMissed: parseMissedAction(row.onMissed), reviewers: parseReviewers(row.reviewers),
      },
    ]),
  );
}

/** Counts a review's items by their state. */
export async function countItems(tx: Transaction, reviewId: string): Promise<Record<ItemState, number>> {
  const rows = await tx.reviewItem.groupBy({ by: ["state"], where: { reviewId }, _count: true });
  const of = (state: ItemState) => rows.find((row) => row.state === state)?._count ?? 0;
  return { open: of("open"), decided: of("decided"), missed: of("missed"), void: of("void") };
}

/** What is counted over the decisions of a review: of everybody, or of one person. Time on screen is never read one by one. */
export async function readTally(tx: Transaction, reviewId: string, personId: string | null): Promise<Tally & { readonly people: number }> {
  const [row] = await tx.$queryRaw<(Tally & { people: number })[]>`
    select count(*)::int as decided, count(o.took_ms)::int as timed, coalesce(sum(o.took_ms), 0)::float8 as "totalMs",
      percentile_cont(0.5) within group (order by o.took_ms) as "medianMs", count(distinct o.person_id) filter (where o.took_ms is not null)::int as people,
      count(*) filter (where o.decision = 'keep')::int as keeps, coalesce(max(o.batch_size), 0)::int as "largestBatch", count(*) filter (where not o.was_opened)::int as unopened
    from review_outcomes o join review_items t on t.id = o.item_id
    where t.review_id = ${reviewId}::uuid and (${personId}::uuid is null or o.person_id = ${personId}::uuid)`;
  return row ?? { decided: 0, timed: 0, totalMs: 0, medianMs: null, people: 0, keeps: 0, largestBatch: 0, unopened: 0 };
}

/** Whether somebody was asked or decided in a review, and whether they are of the side of anything in it. */
export async function readStanding(tx: Transaction, reviewId: string, personId: string): Promise<{ isReviewer: boolean; isOnSide: boolean }> {
  const [row] = await tx.$queryRaw<{ reviewer: boolean; side: boolean }[]>`
    select
      exists (select from review_items t join review_reviewers r on r.item_id = t.id and r.is_asked where t.review_id = ${reviewId}::uuid and r.person_id = ${personId}::uuid)
      or exists (select from review_items t join review_outcomes o on o.item_id = t.id where t.review_id = ${reviewId}::uuid and o.person_id = ${personId}::uuid) as reviewer,
      exists (select from review_items t join identities i on i.id = t.identity_id
        where t.review_id = ${reviewId}::uuid and ${personId}::uuid in (i.owner_id, i.sponsor_id, i.backup_id, i.creator_id)) as side`;
  return { isReviewer: row?.reviewer ?? true, isOnSide: row?.side ?? true };
}

/** The facts as they were when each identity was last decided about, by identity. */
export async function readLastDecided(tx: Transaction, identityIds: readonly string[]): Promise<Map<string, ReviewFacts>> {
  const rows = await tx.$queryRaw<{ identity_id: string; facts: unknown }[]>`
    select distinct on (o.identity_id) o.identity_id, t.facts from review_outcomes o join review_items t on t.id = o.item_id
    where o.identity_id = any(${[...identityIds]}::uuid[]) and t.facts is not null order by o.identity_id, o.decided_at desc`;
  return new Map(rows.flatMap(({ identity_id, facts }) => {
    const parsed = parseFacts(facts);
    return parsed ? [[identity_id, parsed] as const] : [];
  }));
}
