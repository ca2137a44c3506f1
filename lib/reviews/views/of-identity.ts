import "server-only";
import { db } from "@/lib/db/client";
import { decisions } from "../types";
import type { IdentityReviews } from "./types";

const few = 5;

/**
 * When an identity was decided about last, and whether it is being asked about now: for those who answer for it and for
 * whoever may see all; null for everybody else.
 */
export async function readReviewsOf(identityId: string, viewer: { readonly personId: string; readonly seesAll: boolean }): Promise<IdentityReviews | null> {
  const identity = await db.identity.findUnique({ where: { id: identityId }, select: { frozenByReviewId: true, ownerId: true, sponsorId: true, backupId: true } });
  if (!identity) return null;
  if (!viewer.seesAll && ![identity.ownerId, identity.sponsorId, identity.backupId].includes(viewer.personId)) return null;
  const outcomes = await db.reviewOutcome.findMany({
    where: { identityId },
    select: { itemId: true, decision: true, decidedAt: true, until: true, person: { select: { name: true } }, item: { select: { review: { select: { id: true, name: true } } } } },
    orderBy: [{ decidedAt: "desc" }, { itemId: "desc" }],
    take: few,
  });
  const open = await db.reviewItem.findFirst({
    where: { identityId, state: { in: ["open", "missed"] }, review: { state: { in: ["running", "decided"] } } },
    select: { id: true, review: { select: { id: true, name: true, dueAt: true } } },
    orderBy: { review: { dueAt: "asc" } },
  });
  return {
    last: outcomes.flatMap(({ itemId, decision, decidedAt, until, person, item }) => {
      const known = decisions.find((word) => word === decision);
      if (!known) return [];
      return [{ itemId, reviewId: item.review.id, reviewName: item.review.name, decision: known, by: person.name, decidedAt: decidedAt.toISOString(), until: until?.toISOString() ?? null }];
    }),
    open: open ? { itemId: open.id, reviewId: open.review.id, reviewName: open.review.name, dueAt: open.review.dueAt.toISOString() } : null,
    isFrozen: identity.frozenByReviewId !== null,
  };
}
