import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith, requirePermission } from "@/lib/auth/session";
import { readCampaignDraft } from "./views/draft";
import { readItem } from "./views/item";
import { listReviews, readMyReviews } from "./views/list";
import { queueSchema, reviewIdSchema, reviewItemsSchema, reviewListSchema } from "./views/list-schema";
import { readReviewsOf } from "./views/of-identity";
import { listQueue, readBatch, readStaged } from "./views/queue";
import { readReview } from "./views/review";
import type { IdentityReviews, QueueView } from "./views/types";
import { campaignDraftSchema } from "./schema";

type Search = Readonly<Record<string, string | string[] | undefined>>;

/** What waits for this person, and the reviews that they may see. */
export function loadReviews(search: Search) {
  return loadWith("review:view", async (actor) => {
    const query = reviewListSchema.parse(search);
    const seesAll = allows(actor.roles, "review:view-all");
    const now = new Date();
    const [page, mine] = await Promise.all([
      listReviews(query, seesAll ? null : actor.personId, now),
      allows(actor.roles, "review:decide") ? readMyReviews(actor.personId, now) : [],
    ]);
    return { page, mine, sort: query.sort, mayRun: allows(actor.roles, "review:run"), seesAll, pageKey: JSON.stringify(query) };
  });
}

/** What this person has to decide: the queue, the item beside it, what is staged, what could be decided together. */
export function loadReviewQueue(search: Search) {
  return loadWith("review:decide", async (actor): Promise<QueueView> => {
    const query = queueSchema.parse(search);
    const reviewId = query.review ?? null;
    const page = await listQueue(actor.personId, query);
    // Beside a list there is room for its first item, too.
    const openId = query.open ?? page.rows[0]?.id;
    const [open, batch, staged] = await Promise.all([
      openId ? readItem(openId, { personId: actor.personId, seesAll: false }) : null,
      readBatch(actor.personId, reviewId),
      readStaged(actor.personId, reviewId),
    ]);
    const name = reviewId ? (page.rows.find((row) => row.reviewId === reviewId)?.reviewName ?? open?.review.name) : undefined;
    return {
      page, open, batch, staged,
      isChosen: query.open !== undefined,
      review: reviewId ? { id: reviewId, name: name ?? "this review" } : null,
      pageKey: `${reviewId ?? "all"}|${query.after ?? query.before ?? "first"}`,
      asOf: new Date().toISOString(),
    };
  });
}

/** One review with its progress; what is unknown, malformed or not theirs to see is not found. */
export const loadReview = cache((reviewId: string, search: Search) =>
  loadWith("review:view", async (actor) => {
    const id = reviewIdSchema.safeParse(reviewId);
    const query = reviewItemsSchema.parse(search);
    const review = id.success ? await readReview(id.data, actor, query, new Date()) : null;
    if (!review) notFound();
    return { review, sort: query.sort };
  }),
);

/** One item, to read. */
export const loadReviewItem = cache((itemId: string) =>
  loadWith("review:view", async (actor) => {
    const id = reviewIdSchema.safeParse(itemId);
    const item = id.success ? await readItem(id.data, { personId: actor.personId, seesAll: allows(actor.roles, "review:view-all") }) : null;
    if (!item) notFound();
    return item;
  }),
);

/** What a new campaign over a filter would ask, of whom. */
export function loadCampaignDraft(search: Search) {
  return loadWith("review:run", async (actor) => readCampaignDraft(actor.personId, campaignDraftSchema.parse(search).view));
}

/** When an identity was reviewed; nothing for whom that is not for, since its page is open to more people. */
export const loadReviewsOf = cache(async (identityId: string): Promise<IdentityReviews | null> => {
  const answer = await requirePermission("review:view");
  const id = reviewIdSchema.safeParse(identityId);
  if (!answer.allowed || !id.success) return null;
  return readReviewsOf(id.data, { personId: answer.actor.personId, seesAll: allows(answer.actor.roles, "review:view-all") });
});
