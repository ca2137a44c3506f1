import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { holdersOf } from "@/lib/auth/permissions";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { tellReviewers } from "@/lib/notifications/occasions";
import { env } from "@/lib/platform/env";
import { orderSuspension } from "@/lib/suspensions/mutations";
import { lockReviews, readLastDecided, type LockedReview } from "./data";
import { readReviewFacts } from "./facts";
import { settleReview, subjectsOf } from "./mutations";
import { changesBetween, recommendationFor, riskOfFacts, whyNotInBatch } from "./recommendation";
import { consequenceOf, nextItemState, nextReviewState } from "./rules";
import type { Consequence, ReviewFacts } from "./types";

const worker: Actor = { kind: "system", process: "worker" };

/** Items whose facts are frozen in one transaction. */
const chunk = 100;
/** Missed and gone items that one transaction looks after. */
const batch = 100;
/** How long a rehearsal that a missed review starts lasts, in seconds. */
const ownRehearsalSeconds = 24 * 3_600;
/** A job that has not begun to prepare a review after this long is lost, or somewhere behind. */
const jobPatienceMs = 30_000;
/** A review reminds this long before it is due, and once. */
const remindBeforeMs = 3 * 86_400_000;

/**
 * Freezes the facts of a review's items, a chunk at a time; what an earlier run has done is not done again. The last chunk
 * opens the review.
 */
export async function prepareReview(reviewId: string, clock: Clock = databaseClock): Promise<void> {
  for (let left = true; left; ) left = await inTransaction((tx, now) => prepareChunk(tx, reviewId, now), clock);
}

/** Reviews that wait to be prepared although their job is gone. */
export async function prepareWaiting(clock: Clock = databaseClock): Promise<void> {
  const before = new Date((await clock.now(db)).getTime() - jobPatienceMs);
  const waiting = await db.review.findMany({ where: { state: "preparing", startedAt: { lt: before } }, select: { id: true }, take: 5 });
  for (const { id } of waiting) await prepareReview(id, clock);
}

async function prepareChunk(tx: Transaction, reviewId: string, now: Date): Promise<boolean> {
  const review = (await lockReviews(tx, [reviewId])).get(reviewId);
  if (review?.state !== "preparing") return false;
  const items = await tx.$queryRaw<{ id: string; identity_id: string }[]>`
    select id, identity_id from review_items where review_id = ${reviewId}::uuid and facts is null and state = 'open' order by position limit ${chunk}::int`;
  const ids = items.map(({ identity_id }) => identity_id);
  const facts = await readReviewFacts(tx, ids, now);
  const earlier = await readLastDecided(tx, ids);
  for (const { id, identity_id } of items) await freeze(tx, id, { facts: facts.get(identity_id) ?? null, earlier: earlier.get(identity_id) ?? null, now });
  if (items.length === chunk) return true;
  const state = nextReviewState(review.state, "prepared");
  if (!state) return false;
  await tx.review.update({ where: { id: reviewId }, data: { state, preparedAt: now } });
  await appendEvent(tx, { type: "review.prepared", at: now, actor: worker, subjects: subjectsOf(review), data: { items: review.itemCount }, demo: review.demo });
  await tellReviewers(tx, now, reviewId, { kind: "review-to-decide", cause: "prepared" });
  await settleReview(tx, { ...review, state }, { actor: worker, now });
  return false;
}

type Freezing = { readonly facts: ReviewFacts | null; readonly earlier: ReviewFacts | null; readonly now: Date };

async function freeze(tx: Transaction, id: string, { facts, earlier, now }: Freezing): Promise<void> {
  if (!facts) {
    await tx.reviewItem.update({ where: { id }, data: { state: "void", closedAt: now } });
    return;
  }
  const changes = earlier ? changesBetween(earlier, facts) : null;
  const recommendation = recommendationFor(facts, { now, credentialDays: env.reviewCredentialDays });
  const notInBatch = whyNotInBatch(facts, { changes, recommendation });
  await tx.reviewItem.update({
    where: { id },
    data: { facts: json(facts), factsAt: now, changes: changes ? json(changes) : Prisma.DbNull, recommendation: json(recommendation), risk: riskOfFacts(facts), notInBatch },
  });
}

/** Facts are plain data already; Prisma's type cannot see that of a readonly one. */
function json(value: object): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;
}

/** Lets items that nobody decided by their review's due date be missed, with what the review says that does. Answers how many. */
export async function missOverdue(clock: Clock = databaseClock): Promise<number> {
  const now = await clock.now(db);
  const due = await db.review.findMany({
    where: { state: "running", dueAt: { lte: now }, items: { some: { state: "open" } } },
    select: { id: true }, orderBy: { dueAt: "asc" }, take: 20,
  });
  let missed = 0;
  for (const { id } of due) missed += await inTransaction((tx, at) => missItemsOf(tx, id, at), clock);
  return missed;
}

async function missItemsOf(tx: Transaction, reviewId: string, now: Date): Promise<number> {
  const review = (await lockReviews(tx, [reviewId])).get(reviewId);
  if (review?.state !== "running" || review.dueAt > now) return 0;
  const items = await tx.$queryRaw<MissedItem[]>`
    select t.id, t.identity_id, i.environment, i.sponsor_id, i.team_id,
      array(select y.environment from credentials c join systems y on y.id = c.system_id where c.identity_id = i.id and c.vanished_at is null) as system_environments,
      not exists (select from credentials c join systems y on y.id = c.system_id where c.identity_id = i.id and c.vanished_at is null and y.sealed_secrets is null) as is_connected
    from review_items t join identities i on i.id = t.identity_id
    where t.review_id = ${reviewId}::uuid and t.state = 'open' order by t.position limit ${batch}::int`;
  for (const item of items) await missItem(tx, review, item, now);
  // Whoever is asked instead; who was asked before has been told.
  if (items.length > 0) await tellReviewers(tx, now, reviewId, { kind: "review-to-decide", cause: "prepared" });
  await settleReview(tx, review, { actor: worker, now });
  return items.length;
}

type MissedItem = { id: string; identity_id: string; environment: string; system_environments: string[]; sponsor_id: string | null; team_id: string | null; is_connected: boolean };

async function missItem(tx: Transaction, review: LockedReview, item: MissedItem, now: Date): Promise<void> {
  if (nextItemState("open", "miss") !== "missed") return;
  const next = await readNext(tx, item, now);
  const environments = [item.environment, ...item.system_environments];
  let consequence: Consequence = consequenceOf(review.onMissed, { environments, canSuspend: item.is_connected, hasNext: next.length > 0 });
  let suspensionId: string | null = null;
  if (consequence === "rehearsed") {
    const ordered = await orderOwnRehearsal(tx, review, item, now);
    if (ordered.ok) suspensionId = ordered.value.suspensionId;
    else consequence = consequenceOf("escalate", { environments, canSuspend: false, hasNext: next.length > 0 });
  }
  const asked = consequence === "escalated" ? next : [];
  for (const { id, why } of asked) {
    await tx.$executeRaw`
      insert into review_reviewers (item_id, person_id, why, is_asked, since) values (${item.id}::uuid, ${id}::uuid, ${why}, true, ${now}::timestamptz)
      on conflict (item_id, person_id) do update set is_asked = true, why = excluded.why, since = excluded.since`;
  }
  if (consequence === "froze") await tx.identity.update({ where: { id: item.identity_id }, data: { frozenByReviewId: review.id } });
  await tx.reviewItem.update({ where: { id: item.id }, data: { state: "missed", missedAt: now, consequence } });
  await appendEvent(tx, {
    type: "review.item-missed", at: now, actor: worker, subjects: { review: review.id, identity: item.identity_id },
    data: { itemId: item.id, consequence, asked: asked.map(({ id }) => id), suspensionId }, demo: review.demo,
  });
}

function orderOwnRehearsal(tx: Transaction, review: LockedReview, item: MissedItem, now: Date) {
  return orderSuspension(tx, now, {
    identityId: item.identity_id, kind: "rehearsal", undoAt: new Date(now.getTime() + ownRehearsalSeconds * 1_000), undoAtFirstRefusal: true, openConnections: "leave",
    reason: `Nobody reviewed it by the due date of review ${review.number}, which was set to rehearse then.`, reviewItemId: item.id, actor: worker,
  });
}

type Next = { id: string; why: string };

/**
 * Who is asked next where the first did not answer: the sponsor, else whoever leads the team, else administrators. Whoever is
 * out of office is passed by while somebody further on is here; where all are away, the first of the order is asked all the same.
 */
async function readNext(tx: Transaction, item: MissedItem, now: Date): Promise<Next[]> {
  const rows = await tx.$queryRaw<(Next & { step: number; is_away: boolean })[]>`
    with next as (
      select p.id, 'sponsor' as why, 1 as step from people p where p.id = ${item.sponsor_id}::uuid
      union all select m.person_id, 'lead', 2 from team_members m where m.team_id = ${item.team_id}::uuid and m.lead
      union all select r.person_id, 'administrator', 3 from person_roles r where r.role = 'administrator'
    )
    select n.id, n.why, n.step, a.is_away from next n join people p on p.id = n.id
    cross join lateral (select exists (select from absences x where x.person_id = p.id and x.from_at <= ${now}::timestamptz and x.until_at > ${now}::timestamptz) as is_away) a
    where p.left_at is null and exists (select from person_roles r where r.person_id = p.id and r.role = any(${[...holdersOf("review:decide")]}::text[]))
      and not exists (select from review_reviewers x where x.item_id = ${item.id}::uuid and x.person_id = n.id and x.is_asked)
    order by a.is_away, n.step, n.id limit 20`;
  const [first] = rows;
  return rows.filter(({ step, is_away: isAway }) => step === first?.step && isAway === first.is_away);
}

/** Takes items out of running reviews whose identity is gone meanwhile: nobody is asked about nothing. */
export function dropGone(clock: Clock = databaseClock): Promise<number> {
  return inTransaction(async (tx, now) => {
    const gone = await tx.$queryRaw<{ id: string; review_id: string; identity_id: string }[]>`
      select t.id, t.review_id, t.identity_id from review_items t join reviews r on r.id = t.review_id and r.state in ('running', 'decided')
      join identities i on i.id = t.identity_id
      where t.state in ('open', 'missed') and (i.vanished_at is not null or i.state = 'offboarded') order by t.review_id limit ${batch}::int`;
    const reviews = await lockReviews(tx, [...new Set(gone.map(({ review_id }) => review_id))]);
    for (const { id, review_id, identity_id } of gone) {
      const review = reviews.get(review_id);
      const { count } = await tx.reviewItem.updateMany({ where: { id, state: { in: ["open", "missed"] } }, data: { state: "void", closedAt: now } });
      if (!review || count === 0) continue;
      await tx.reviewDraft.deleteMany({ where: { itemId: id } });
      await appendEvent(tx, { type: "review.item-void", at: now, actor: worker, subjects: { review: review_id, identity: identity_id }, data: { itemId: id, why: "nothing-left" }, demo: review.demo });
    }
    for (const review of reviews.values()) await settleReview(tx, review, { actor: worker, now });
    return gone.length;
  }, clock);
}

/** Reminds whoever still has open items shortly before a review is due; once, and on the record. */
export function remindBeforeDue(clock: Clock = databaseClock): Promise<number> {
  return inTransaction(async (tx, now) => {
    const soon = new Date(now.getTime() + remindBeforeMs);
    const [row] = await tx.$queryRaw<{ id: string }[]>`
      select id from reviews where state = 'running' and reminded_at is null and due_at <= ${soon}::timestamptz and due_at > ${now}::timestamptz
        and open_count > 0 order by due_at limit 1 for update skip locked`;
    const review = row ? (await lockReviews(tx, [row.id])).get(row.id) : undefined;
    if (!review) return 0;
    const people = await tx.$queryRaw<{ person_id: string }[]>`
      select distinct r.person_id from review_items t join review_reviewers r on r.item_id = t.id and r.is_asked
      where t.review_id = ${review.id}::uuid and t.state = 'open' limit 500`;
    await tx.review.update({ where: { id: review.id }, data: { remindedAt: now } });
    const data = { people: people.map(({ person_id }) => person_id), open: review.openCount };
    await appendEvent(tx, { type: "review.reminded", at: now, actor: worker, subjects: subjectsOf(review), data, demo: review.demo });
    await tellReviewers(tx, now, review.id, { kind: "review-reminder", cause: "before-due" });
    return 1;
  }, clock);
}
