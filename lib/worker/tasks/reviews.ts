import "server-only";
import * as z from "zod";
import { walkTriggers, type Place } from "@/lib/reviews/triggers";
import { lookAtFollowUps } from "@/lib/reviews/follow-ups";
import { dropGone, missOverdue, prepareReview, prepareWaiting, remindBeforeDue } from "@/lib/reviews/upkeep";

const payloadSchema = z.object({ reviewId: z.uuid() });

/** Freezes the facts of a review that just started. */
export async function prepareReviewTask(payload: unknown): Promise<void> {
  await prepareReview(payloadSchema.parse(payload).reviewId);
}

let place: Place | null = null;
const mostTurns = 10;

/** Starts micro-reviews for identities that changed since the last turn; a new process begins a day back. */
export async function startMicroReviews(): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn++) {
    const walked = await walkTriggers(place);
    place = walked.place;
    if (walked.looked === 0) return;
  }
}

/** Missed due dates, what is gone, promised follow-ups, reminders, and reviews whose job was lost. */
export async function lookAfterReviews(): Promise<void> {
  await dropGone();
  await missOverdue();
  await lookAtFollowUps();
  await remindBeforeDue();
  await prepareWaiting();
}
