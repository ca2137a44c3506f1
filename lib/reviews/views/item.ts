import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { parseIdentityKind } from "@/lib/identities/data";
import { readSuspensionOfItem } from "@/lib/suspensions/data";
import { isOnSide, parseChanges, parseFacts, parseItemState, parsePromise, parseRecommendation, parseReviewKind, parseReviewState, parseWhy } from "../data";
import { detailsSchema } from "../facts-schema";
import { narrowStatement } from "../recommendation";
import { whyNotDecide, whyNotSay } from "../rules";
import { batchObstacles, decisions, followUps, triggers, type Consequence, type Decision, type DecisionDetails, type ReviewFacts } from "../types";
import type { DraftView, ItemView, OutcomeView } from "./types";

const itemSelect = {
  id: true, state: true, facts: true, changes: true, recommendation: true, risk: true, notInBatch: true, missedAt: true, consequence: true,
  identity: { select: { id: true, name: true, kind: true, ownerId: true, sponsorId: true, backupId: true } },
  review: { select: { id: true, number: true, name: true, kind: true, trigger: true, state: true, dueAt: true } },
  reviewers: { select: { why: true, isAsked: true, awayUntil: true, person: { select: { id: true, name: true } } }, orderBy: [{ isAsked: "desc" }, { personId: "asc" }], take: 30 },
  outcome: {
    select: { decision: true, reason: true, until: true, details: true, batchSize: true, decidedAt: true, follow: true, followDoneAt: true, person: { select: { id: true, name: true } },
      saidAt: true, saidReason: true, saidWhere: true, saidBy: { select: { name: true } },
    },
  },
} as const satisfies Prisma.ReviewItemSelect;

type Row = Prisma.ReviewItemGetPayload<{ select: typeof itemSelect }>;

const consequences: readonly Consequence[] = ["escalated", "froze", "rehearsed", "nobody-left"];
const decisionOf = (word: string): Decision => decisions.find((known) => known === word) ?? "keep";

/** One item as a person meets it: those who may decide it, those who answer for the identity now, and whoever may see all. */
export async function readItem(itemId: string, viewer: { readonly personId: string; readonly seesAll: boolean }): Promise<ItemView | null> {
  const row = await db.reviewItem.findUnique({ where: { id: itemId }, select: itemSelect });
  if (!row) return null;
  const own = await db.reviewReviewer.findUnique({ where: { itemId_personId: { itemId, personId: viewer.personId } }, select: { why: true } });
  const isOwnSide = isOnSide(row.identity, viewer.personId);
  if (!own && !viewer.seesAll && !isOwnSide) return null;
  const draft = own ? await db.reviewDraft.findUnique({ where: { itemId_personId: { itemId, personId: viewer.personId } } }) : null;
  const why = own ? parseWhy(own.why) : null;
  const facts = parseFacts(row.facts);
  const [state, reviewState] = [parseItemState(row.state), parseReviewState(row.review.state)];
  return {
    ...baseOf(row, facts),
    state,
    suspension: await readSuspensionOfItem({ identityId: row.identity.id, reviewItemId: row.id }),
    viewer: {
      why,
      maySayRotated: whyNotSay({ outcome: row.outcome ? parsePromise(row.outcome) : null, isOnSide: isOwnSide }) === null,
      refusal: whyNotDecide({ review: { state: reviewState }, item: { state, isFrozen: facts !== null }, why }),
      draft: draft ? draftOf(draft) : null,
    },
  };
}

function baseOf(row: Row, facts: ReviewFacts | null): Omit<ItemView, "state" | "viewer" | "suspension"> {
  return {
    id: row.id,
    facts,
    risk: row.risk,
    identity: { id: row.identity.id, name: row.identity.name, kind: parseIdentityKind(row.identity.kind) },
    review: {
      ...row.review,
      kind: parseReviewKind(row.review.kind),
      state: parseReviewState(row.review.state),
      trigger: triggers.find((known) => known === row.review.trigger) ?? null,
      dueAt: row.review.dueAt.toISOString(),
    },
    changes: parseChanges(row.changes),
    recommendation: parseRecommendation(row.recommendation),
    notInBatch: batchObstacles.find((known) => known === row.notInBatch) ?? null,
    missedAt: row.missedAt?.toISOString() ?? null,
    consequence: consequences.find((known) => known === row.consequence) ?? null,
    reviewers: row.reviewers.map(({ person, why, isAsked, awayUntil }) => ({ ...person, isAsked, why: parseWhy(why), awayUntil: awayUntil?.toISOString() ?? null })),
    outcome: row.outcome ? outcomeOf(row.outcome, facts) : null,
  };
}

type Kept = { readonly decision: string; readonly reason: string | null; readonly until: Date | null; readonly details: unknown; readonly batchSize: number };

function draftOf({ decision, reason, until, details, batchSize }: Kept): DraftView {
  return { decision: decisionOf(decision), reason: reason ?? "[erased]", until: until?.toISOString() ?? null, details: detailsSchema.parse(details), batchSize };
}

function outcomeOf(row: NonNullable<Row["outcome"]>, facts: ReviewFacts | null): OutcomeView {
  const draft = draftOf(row);
  return {
    ...draft,
    by: row.person,
    decidedAt: row.decidedAt.toISOString(),
    follow: followUps.find((known) => known === row.follow) ?? null,
    followDoneAt: row.followDoneAt?.toISOString() ?? null,
    said: row.saidAt ? { by: row.saidBy?.name ?? "somebody", at: row.saidAt.toISOString(), reason: row.saidReason ?? "[erased]", where: row.saidWhere ?? "[erased]" } : null,
    statements: statementsOf(draft.decision, draft.details, facts),
  };
}

/** What whoever runs the target has to do for a narrowing, line by line. */
function statementsOf(decision: Decision, { assignmentIds = [] }: DecisionDetails, facts: ReviewFacts | null): string[] {
  if (decision !== "narrow" || !facts) return [];
  return facts.entitlements.filter(({ assignmentId }) => assignmentIds.includes(assignmentId)).map((one) => narrowStatement(one, facts.identity.name));
}
