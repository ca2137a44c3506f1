import "server-only";
import type { Actor, PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { settleReviewers } from "@/lib/notifications/occasions";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { enqueue } from "@/lib/worker/enqueue";
import { countItems, lockReviews, readStanding, readTally, type LockedReview } from "./data";
import { countAsked, freezePopulation } from "./population";
import { mayTellTogether, mostItems, nextReviewState, onItemsClosed, paceOf, whyNotAcknowledge, type AcknowledgeRefusal } from "./rules";
import type { MissedAction, ReviewerRole, ReviewState } from "./types";

type Context = { readonly actor: Actor; readonly clock?: Clock; readonly demo?: boolean };

type NewCampaign = {
  readonly name: string;
  /** The filter, as the URL of the list of identities says it. */
  readonly scope: string;
  readonly reviewers: readonly ReviewerRole[];
  readonly dueAt: Date;
  readonly onMissed: MissedAction;
  readonly idempotencyKey: string;
};

type StartRefusal = "nothing-to-review" | "too-many" | "due-in-the-past" | "nobody-can-be-asked" | "secret-in-text";
type Started = { readonly reviewId: string; readonly number: number; readonly items: number };

/** Starts a campaign: who is in it and who is asked is frozen here; the worker then freezes the facts of each. */
export async function startCampaign(campaign: NewCampaign, { actor, clock = databaseClock, demo = false }: Context): Promise<Result<Started, StartRefusal>> {
  const scan = await findSecrets(`${campaign.name}\n${campaign.scope}`);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now): Promise<Result<Started, StartRefusal>> => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:start-review:${campaign.idempotencyKey}`}::text, 0))`;
    const earlier = await tx.review.findUnique({ where: { idempotencyKey: campaign.idempotencyKey }, select: { id: true, number: true, itemCount: true } });
    if (earlier) return ok({ reviewId: earlier.id, number: earlier.number, items: earlier.itemCount });
    if (campaign.dueAt <= now) return refuse("due-in-the-past");
    const id = newId();
    const { name, scope, reviewers, dueAt, onMissed, idempotencyKey } = campaign;
    const startedById = actor.kind === "person" ? actor.personId : null;
    const row = await tx.review.create({
      data: { id, kind: "campaign", name, scope, reviewers: [...reviewers], dueAt, onMissed, idempotencyKey, startedById, state: "preparing", startedAt: now, demo },
      select: { number: true },
    });
    const items = await freezePopulation(tx, { reviewId: id, scope, reviewers, now });
    const { people, unaskable } = await countAsked(tx, id);
    const code = items === 0 ? "nothing-to-review" : items > mostItems ? "too-many" : people === 0 ? "nobody-can-be-asked" : null;
    if (code) return undoStart(tx, id, code);
    await tx.review.update({ where: { id }, data: { itemCount: items, openCount: items } });
    const data = { kind: "campaign", trigger: null, items, people, unaskable, reviewers: [...reviewers], onMissed, dueAt: dueAt.toISOString() };
    await appendEvent(tx, { type: "review.started", at: now, actor, subjects: { review: id }, data, clear: { name, scope }, demo });
    await enqueue(tx, "prepare-review", { reviewId: id }, { key: `prepare-review:${id}` });
    return ok({ reviewId: id, number: row.number, items });
  }, clock);
}

/** A refused start leaves nothing behind. */
async function undoStart<Code extends string>(tx: Transaction, id: string, code: Code): Promise<Result<never, Code>> {
  await tx.$executeRaw`delete from review_reviewers r using review_items t where t.id = r.item_id and t.review_id = ${id}::uuid`;
  await tx.reviewItem.deleteMany({ where: { reviewId: id } });
  await tx.review.delete({ where: { id } });
  return refuse(code, { most: mostItems });
}

/** Cancels a review that is not over: nobody is asked any more, staged decisions are dropped, what was decided stays. */
export async function cancelReview(command: { readonly actor: PersonActor; readonly reviewId: string; readonly reason: string }): Promise<
  Result<{ state: ReviewState }, "unknown-review" | "already-closed" | "secret-in-text">
> {
  const { actor, reviewId, reason } = command;
  const scan = await findSecrets(reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    const review = (await lockReviews(tx, [reviewId])).get(reviewId);
    if (!review) return refuse("unknown-review");
    const state = nextReviewState(review.state, "cancel");
    if (!state) return refuse("already-closed", { state: review.state });
    const open = await tx.reviewItem.updateMany({ where: { reviewId, state: { in: ["open", "missed"] } }, data: { state: "void", closedAt: now } });
    await tx.$executeRaw`delete from review_drafts d using review_items t where t.id = d.item_id and t.review_id = ${reviewId}::uuid`;
    await tx.identity.updateMany({ where: { frozenByReviewId: reviewId }, data: { frozenByReviewId: null } });
    await tx.review.update({ where: { id: reviewId }, data: { state, closedAt: now, closedById: actor.personId, closeReason: reason, openCount: 0 } });
    await appendEvent(tx, { type: "review.cancelled", at: now, actor, subjects: subjectsOf(review), data: { open: open.count }, clear: { reason }, demo: review.demo });
    return ok({ state });
  });
}

/** A second person acknowledges what came out of a campaign; then it is complete. */
export async function acknowledgeReview(command: { readonly actor: PersonActor; readonly reviewId: string; readonly note: string; readonly clock?: Clock }): Promise<
  Result<{ state: "complete" }, AcknowledgeRefusal | "secret-in-text">
> {
  const { actor, reviewId, note } = command;
  const scan = await findSecrets(note);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    const review = (await lockReviews(tx, [reviewId])).get(reviewId) ?? null;
    if (!review) return refuse("unknown-review");
    const code = whyNotAcknowledge({ review, ...(await readStanding(tx, reviewId, actor.personId)) });
    if (code) {
      await appendEvent(tx, { type: "review.acknowledge-refused", at: now, actor, subjects: subjectsOf(review), data: { code }, demo: review.demo });
      return refuse(code);
    }
    const { decided, missed, void: gone } = await countItems(tx, reviewId);
    await tx.review.update({ where: { id: reviewId }, data: { state: "complete", closedAt: now, closedById: actor.personId, closeReason: note } });
    await appendEvent(tx, { type: "review.acknowledged", at: now, actor, subjects: subjectsOf(review), data: { decided, missed, void: gone }, clear: { note }, demo: review.demo });
    return ok({ state: "complete" as const });
  }, command.clock ?? databaseClock);
}

/** Brings a locked review's count and state in line with its items. Call it once items have closed. */
export async function settleReview(tx: Transaction, review: LockedReview, { actor, now }: { readonly actor: Actor; readonly now: Date }): Promise<ReviewState> {
  const counts = await countItems(tx, review.id);
  const states = (["open", "decided", "missed", "void"] as const).filter((state) => counts[state] > 0);
  const event = review.state === "running" ? onItemsClosed(review.kind, states) : null;
  const next = (event && nextReviewState(review.state, event)) ?? review.state;
  const isOver = next !== review.state;
  await tx.review.update({
    where: { id: review.id },
    data: { openCount: counts.open, state: next, ...(isOver ? { decidedAt: now } : {}), ...(next === "complete" && isOver ? { closedAt: now } : {}) },
  });
  if (isOver) {
    const data = { decided: counts.decided, missed: counts.missed, void: counts.void, pace: await readPace(tx, review.id) };
    await appendEvent(tx, { type: "review.decided", at: now, actor, subjects: subjectsOf(review), data, demo: review.demo });
    await settleReviewers(tx, now, review.id, null);
  }
  return next;
}

/** The time on screen of everybody together, for the record; null where it would be somebody's own. */
async function readPace(tx: Transaction, reviewId: string) {
  const tally = await readTally(tx, reviewId, null);
  const { medianMs, perMinute } = paceOf(tally);
  return mayTellTogether(tally) && medianMs !== null ? { timed: tally.timed, people: tally.people, medianMs, perMinute } : null;
}

/** What every event of a review is about. */
export function subjectsOf(review: { readonly id: string; readonly identityId: string | null }) {
  return { review: review.id, ...(review.identityId === null ? {} : { identity: review.identityId }) };
}
