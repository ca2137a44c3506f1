import * as z from "zod";
import { cursorText, manyOf, sortOf } from "@/lib/platform/list-query";
import { itemStates, reviewKinds, reviewStates } from "../types";

/** The URL of the list of reviews; whatever it says, the list opens. */
export const reviewListSchema = z.object({
  state: manyOf(reviewStates),
  kind: manyOf(reviewKinds),
  sort: sortOf(["started", "due"], { key: "started", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});
export type ReviewListQuery = z.output<typeof reviewListSchema>;

/** The URL of the queue of what somebody has to review. */
export const queueSchema = z.object({
  review: z.guid().optional().catch(undefined),
  open: z.guid().optional().catch(undefined),
  after: cursorText(),
  before: cursorText(),
});
export type QueueQuery = z.output<typeof queueSchema>;

/** The URL of one review: its items. */
export const reviewItemsSchema = z.object({
  state: manyOf(itemStates),
  sort: sortOf(["position"], { key: "position", direction: "asc" }),
  after: cursorText(),
  before: cursorText(),
});
export type ReviewItemsQuery = z.output<typeof reviewItemsSchema>;

/** An id in a path; anything else is "not found". */
export const reviewIdSchema = z.guid();
