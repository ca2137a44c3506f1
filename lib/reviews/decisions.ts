import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import type { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Clock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { settleReviewers } from "@/lib/notifications/occasions";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { findSecrets } from "@/lib/platform/secret-scan";
import { orderSuspension } from "@/lib/suspensions/mutations";
import { lockReviews, parseFacts, parseItemState, parseWhy, type LockedReview } from "./data";
import { detailsSchema } from "./facts-schema";
import { settleReview } from "./mutations";
import { whyNotDecide, whyNotTerms, type DecideRefusal, type DecisionTerms, type TermsRefusal } from "./rules";
import { decisions, type Decision, type DecisionDetails, type ItemState, type ReviewFacts } from "./types";

/** Items that one call stages or submits at most. */
export const mostAtOnce = 500;

type Staging = DecisionTerms & { readonly actor: PersonActor; readonly clock?: Clock };
type StageRefusal = DecideRefusal | TermsRefusal | "secret-in-text" | "decided-by-other";

type ItemRow = {
  readonly id: string; readonly reviewId: string; readonly identityId: string; readonly state: ItemState; readonly facts: ReviewFacts | null;
  readonly notInBatch: string | null; readonly why: ReturnType<typeof parseWhy> | null; readonly decidedBy: string | null; readonly openedAt: Date | null; readonly missedAt: Date | null;
};

/** Reads items as one person meets them, in the order of their ids. */
async function readItems(tx: Transaction, ids: readonly string[], personId: string): Promise<ItemRow[]> {
  const rows = await tx.reviewItem.findMany({
    where: { id: { in: [...ids] } },
    select: {
      id: true, reviewId: true, identityId: true, state: true, facts: true, notInBatch: true, missedAt: true,
      reviewers: { where: { personId }, select: { why: true } },
      looks: { where: { personId }, select: { firstAt: true } },
      outcome: { select: { person: { select: { name: true } } } },
    },
    orderBy: { id: "asc" },
  });
  return rows.map(({ reviewers, looks, outcome, ...row }) => ({
    ...row,
    state: parseItemState(row.state),
    facts: parseFacts(row.facts),
    why: reviewers[0] ? parseWhy(reviewers[0].why) : null,
    decidedBy: outcome?.person.name ?? null,
    openedAt: looks[0]?.firstAt ?? null,
  }));
}

function whyNot(item: ItemRow | undefined, review: Pick<LockedReview, "state"> | undefined): DecideRefusal | null {
  return whyNotDecide({ review: review ?? null, item: item ? { state: item.state, isFrozen: item.facts !== null } : null, why: item?.why ?? null });
}

/** Notes that somebody has an item on screen: from here on their time counts. */
export function openItem(command: { readonly actor: PersonActor; readonly itemId: string }): Promise<boolean> {
  return inTransaction(async (tx, now) => {
    const count = await tx.$executeRaw`
      insert into review_looks (item_id, person_id, first_at, last_at)
      select item_id, person_id, ${now}::timestamptz, ${now}::timestamptz from review_reviewers where item_id = ${command.itemId}::uuid and person_id = ${command.actor.personId}::uuid
      on conflict (item_id, person_id) do update set last_at = excluded.last_at`;
    return count > 0;
  });
}

/** Stages a decision about one item: it counts for nothing until it is submitted, and can be corrected until then. */
export async function stageDecision(command: Staging & { readonly itemId: string }): Promise<Result<{ itemId: string; decision: Decision }, StageRefusal>> {
  const { actor, itemId } = command;
  const scan = await findSecrets(command.reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    const [item] = await readItems(tx, [itemId], actor.personId);
    const review = item ? await tx.review.findUnique({ where: { id: item.reviewId }, select: { state: true } }) : null;
    const code = whyNot(item, review ? (await lockReviews(tx, [item?.reviewId ?? ""])).get(item?.reviewId ?? "") : undefined);
    if (code || !item?.facts) return refuse(code ?? "not-ready", item?.decidedBy ? { by: item.decidedBy } : undefined);
    const terms = whyNotTerms(command, item.facts, now);
    if (terms) return refuse(terms);
    await saveDraft(tx, item, command, { now, batchId: null, batchSize: 1 });
    return ok({ itemId, decision: command.decision });
  }, command.clock ?? databaseClock);
}

type Draft = { readonly now: Date; readonly batchId: string | null; readonly batchSize: number };

async function saveDraft(tx: Transaction, item: ItemRow, { actor, decision, reason, until, details }: Staging, { now, batchId, batchSize }: Draft): Promise<void> {
  const kept = {
    decision, reason, until, batchId, batchSize, stagedAt: now,
    details: cleanDetails(decision, details),
    tookMs: item.openedAt ? Math.min(now.getTime() - item.openedAt.getTime(), 2_147_483_647) : null,
    wasOpened: item.openedAt !== null,
  };
  const key = { itemId: item.id, personId: actor.personId };
  await tx.reviewDraft.upsert({ where: { itemId_personId: key }, create: { ...key, ...kept }, update: kept });
}

/** Only what belongs to the decision, whatever else the form held. */
function cleanDetails(decision: Decision, { assignmentIds, openConnections, undoAtFirstRefusal, undoAfterSeconds, confirmed }: DecisionDetails): Prisma.InputJsonObject {
  if (decision === "narrow") return { assignmentIds: [...(assignmentIds ?? [])] };
  if (decision === "rehearse") return { openConnections: openConnections ?? "leave", undoAtFirstRefusal: undoAtFirstRefusal ?? false, undoAfterSeconds: undoAfterSeconds ?? 0 };
  return decision === "offboard" ? { openConnections: openConnections ?? "cut", confirmed: confirmed ?? false } : {};
}

/** Takes a staged decision back. */
export function unstageDecision({ actor, itemId }: { readonly actor: PersonActor; readonly itemId: string }): Promise<Result<{ itemId: string }, never>> {
  return inTransaction(async (tx) => {
    await tx.reviewDraft.deleteMany({ where: { itemId, personId: actor.personId } });
    return ok({ itemId });
  });
}

/** Stages one "keep" for many items: only for those that may be decided together; the others are left as they are. */
export async function stageBatch(command: { readonly actor: PersonActor; readonly itemIds: readonly string[]; readonly reason: string; readonly until: Date; readonly clock?: Clock }): Promise<
  Result<{ staged: number; left: number }, "nothing-eligible" | "secret-in-text" | TermsRefusal>
> {
  const { actor, reason, until } = command;
  const scan = await findSecrets(reason);
  if (scan.found) return refuse("secret-in-text", { kinds: scan.kinds.join(", ") });
  return inTransaction(async (tx, now) => {
    const items = await readItems(tx, command.itemIds.slice(0, mostAtOnce), actor.personId);
    const reviews = await lockReviews(tx, [...new Set(items.map(({ reviewId }) => reviewId))]);
    const eligible = items.filter((item) => item.notInBatch === null && whyNot(item, reviews.get(item.reviewId)) === null);
    const [first] = eligible;
    if (!first?.facts) return refuse("nothing-eligible");
    const terms = { actor, decision: "keep", reason, until, details: {} } as const;
    const code = whyNotTerms(terms, first.facts, now);
    if (code) return refuse(code);
    const batchId = newId();
    for (const item of eligible) await saveDraft(tx, item, terms, { now, batchId, batchSize: eligible.length });
    return ok({ staged: eligible.length, left: items.length - eligible.length });
  }, command.clock ?? databaseClock);
}

/** What came of submitting one staged decision that was refused. */
export type RefusedItem = { readonly itemId: string; readonly name: string; readonly code: string; readonly detail: Readonly<Record<string, string | number>> };
export type Submitted = { readonly decided: number; readonly refused: readonly RefusedItem[]; readonly left: number };

type DraftRow = Awaited<ReturnType<typeof readDrafts>>[number];

function readDrafts(tx: Transaction, personId: string, reviewId: string | null) {
  return tx.reviewDraft.findMany({ where: { personId, ...(reviewId ? { item: { reviewId } } : {}) }, orderBy: { itemId: "asc" }, take: mostAtOnce });
}

type Submitting = {
  readonly actor: PersonActor;
  /** Only what belongs to this review; null: all. */
  readonly reviewId: string | null;
  /** How many staged decisions they have seen: what another window staged meanwhile is looked at first. */
  readonly seen: number;
  readonly clock?: Clock;
};

/**
 * Submits everything that somebody has staged, or what of it belongs to one review, in one transaction. Each item gets its
 * outcome and its event; one that is refused says why and stops none of the others.
 */
export function submitDecisions(command: Submitting): Promise<Result<Submitted, "nothing-staged" | "changed-since-seen">> {
  const { actor } = command;
  return inTransaction(async (tx, now) => {
    // Two submits of one person (a double click) follow each other.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`curfew:submit-review:${actor.personId}`}::text, 0))`;
    const drafts = await readDrafts(tx, actor.personId, command.reviewId);
    if (drafts.length === 0) return refuse("nothing-staged");
    if (drafts.length !== command.seen) return refuse("changed-since-seen", { staged: drafts.length });
    const ids = drafts.map(({ itemId }) => itemId);
    const about = await tx.reviewItem.findMany({ where: { id: { in: ids } }, select: { reviewId: true } });
    const reviews = await lockReviews(tx, [...new Set(about.map(({ reviewId }) => reviewId))]);
    // Read under the locks: a colleague may have decided while we waited.
    const items = new Map((await readItems(tx, ids, actor.personId)).map((item) => [item.id, item]));
    const refused: RefusedItem[] = [];
    for (const draft of drafts) {
      const item = items.get(draft.itemId);
      const no = await carryOut(tx, { draft, item, review: item ? reviews.get(item.reviewId) : undefined, actor, now });
      if (no) refused.push(no);
    }
    for (const review of reviews.values()) {
      await settleReview(tx, review, { actor, now });
      await settleReviewers(tx, now, review.id, actor.personId);
    }
    const left = await tx.reviewItem.count({ where: { state: { in: ["open", "missed"] }, reviewers: { some: { personId: actor.personId, isAsked: true } }, review: { state: { in: ["running", "decided"] } } }, take: 1_000 });
    return ok({ decided: drafts.length - refused.length, refused, left });
  }, command.clock ?? databaseClock);
}

type CarryingOut = { readonly draft: DraftRow; readonly item: ItemRow | undefined; readonly review: LockedReview | undefined; readonly actor: PersonActor; readonly now: Date };

/** Makes one staged decision count; answers why it could not. */
async function carryOut(tx: Transaction, { draft, item, review, actor, now }: CarryingOut): Promise<RefusedItem | null> {
  const code = whyNot(item, review);
  if (code || !item?.facts || !review) {
    // It can never count any more, so it does not wait either.
    await dropDraft(tx, draft);
    return { itemId: draft.itemId, name: item?.facts?.identity.name ?? "", code: code ?? "not-ready", detail: item?.decidedBy ? { by: item.decidedBy } : {} };
  }
  const decision = decisions.find((known) => known === draft.decision) ?? "keep";
  const details = detailsSchema.parse(draft.details);
  const terms = whyNotTerms({ decision, reason: draft.reason, until: draft.until, details }, item.facts, now);
  const ordered = terms ? refuse(terms) : await orderFor(tx, { decision, details, draft, item, actor, now });
  if (!ordered.ok) {
    const data = { itemId: item.id, decision, code: ordered.code };
    await appendEvent(tx, { type: "review.item-refused", at: now, actor, subjects: { review: review.id, identity: item.identityId }, data, demo: review.demo });
    return { itemId: item.id, name: item.facts.identity.name, code: ordered.code, detail: ordered.detail ?? {} };
  }
  await saveOutcome(tx, { draft, item, review, actor, now }, { decision, details, suspensionId: ordered.value });
  return null;
}

type Ordering = { readonly decision: Decision; readonly details: DecisionDetails; readonly draft: DraftRow; readonly item: ItemRow; readonly actor: PersonActor; readonly now: Date };

/** Rehearse and offboard act on the target: the order for it is part of this transaction. */
async function orderFor(tx: Transaction, { decision, details, draft, item, actor, now }: Ordering): Promise<Result<string | null, string>> {
  if (decision !== "rehearse" && decision !== "offboard") return ok(null);
  const ordered = await orderSuspension(tx, now, {
    identityId: item.identityId,
    kind: decision === "rehearse" ? "rehearsal" : "offboarding",
    undoAt: decision === "rehearse" ? new Date(now.getTime() + (details.undoAfterSeconds ?? 0) * 1_000) : null,
    undoAtFirstRefusal: decision === "rehearse" && details.undoAtFirstRefusal === true,
    openConnections: details.openConnections ?? "leave",
    reason: draft.reason,
    reviewItemId: item.id,
    actor,
  });
  return ordered.ok ? ok(ordered.value.suspensionId) : ordered;
}

type Outcome = { readonly decision: Decision; readonly details: DecisionDetails; readonly suspensionId: string | null };

async function saveOutcome(tx: Transaction, { draft, item, review, actor, now }: CarryingOut & { item: ItemRow; review: LockedReview }, outcome: Outcome): Promise<void> {
  const { decision, details, suspensionId } = outcome;
  const { reason, until, tookMs, wasOpened, batchId, batchSize } = draft;
  const follow = decision === "rotate" || decision === "narrow" ? "open" : null;
  await tx.reviewOutcome.create({
    data: {
      itemId: item.id, identityId: item.identityId, personId: actor.personId, decision, reason, until, decidedAt: now, tookMs, wasOpened, batchId, batchSize, suspensionId, follow,
      details: cleanDetails(decision, details),
    },
  });
  await tx.reviewItem.update({ where: { id: item.id }, data: { state: "decided", closedAt: now } });
  // Whoever else had staged something about it is told who decided once they submit.
  await dropDraft(tx, draft);
  await tx.identity.updateMany({ where: { id: item.identityId, frozenByReviewId: { not: null } }, data: { frozenByReviewId: null } });
  await appendEvent(tx, {
    type: "review.item-decided",
    at: now,
    actor,
    subjects: { review: review.id, identity: item.identityId },
    data: {
      itemId: item.id, decision, until: until?.toISOString() ?? null, assignmentIds: [...(details.assignmentIds ?? [])], suspensionId, late: item.missedAt !== null,
      wasOpened, batchSize,
    },
    clear: { reason },
    demo: review.demo,
  });
}

function dropDraft(tx: Transaction, { itemId, personId }: Pick<DraftRow, "itemId" | "personId">) {
  return tx.reviewDraft.deleteMany({ where: { itemId, personId } });
}
