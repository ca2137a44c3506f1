import * as z from "zod";
import { decisions, missedActions, reviewerRoles } from "./types";

const reason = z.string().trim().min(3, "Give a reason (3 characters or more).").max(1_000, "At most 1,000 characters.");

/** A day, as a date field sends it; it counts to its end, in UTC. */
const dayText = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/, "Give a day.")
  .transform((text) => new Date(`${text}T23:59:59.000Z`))
  .refine((date) => !Number.isNaN(date.getTime()), "There is no such day.");
const emptyToUndefined = (value: unknown) => (typeof value === "string" && value.trim() === "" ? undefined : value);

/** Longest filter: an address of the list of identities with all that it can hold. */
const longestScope = 8_000;

export const campaignSchema = z.object({
  name: z.string().trim().min(3, "Give it a name (3 characters or more).").max(120, "At most 120 characters."),
  scope: z.string().max(longestScope).default(""),
  reviewers: z.array(z.enum(reviewerRoles)).min(1, "Choose who is asked."),
  dueOn: dayText,
  onMissed: z.enum(missedActions, "Choose what a missed review does."),
  idempotencyKey: z.uuid(),
});

/** What the page of a new campaign shows before it starts. */
export const campaignDraftSchema = z.object({
  view: z.unknown().optional().transform((input) => (typeof input === "string" ? input.slice(0, longestScope) : "")),
});

const chosenReviewers = z.string().default("").transform((text) => reviewerRoles.filter((role) => text.split(",").includes(role)));
/** What a campaign's form asks beforehand, by URL. */
export const previewSchema = z.object({ scope: z.string().max(longestScope).default(""), reviewers: chosenReviewers });

export const cancelReviewSchema = z.object({ reviewId: z.uuid(), reason });
export const acknowledgeReviewSchema = z.object({ reviewId: z.uuid(), note: reason });

const checkbox = z.preprocess((value) => value === "on" || value === "true", z.boolean());

export const stageDecisionSchema = z.object({
  itemId: z.uuid(),
  decision: z.enum(decisions, "Choose a decision."),
  reason,
  until: z.preprocess(emptyToUndefined, dayText.optional()),
  assignmentIds: z.array(z.uuid()).max(200).default([]),
  openConnections: z.preprocess(emptyToUndefined, z.enum(["cut", "leave"]).optional()),
  undoAtFirstRefusal: checkbox,
  undoAfterSeconds: z.preprocess(emptyToUndefined, z.coerce.number().int().min(0).max(10_000_000).optional()),
  confirmed: checkbox,
});

export const sayRotatedSchema = z.object({
  itemId: z.uuid(),
  reason,
  where: z.string().trim().min(3, "Say where it can be checked (3 characters or more).").max(500, "At most 500 characters."),
});

export const unstageDecisionSchema = z.object({ itemId: z.uuid() });

export const stageBatchSchema = z.object({
  itemIds: z.array(z.uuid()).min(1, "Nothing is chosen.").max(400, "At most 400 at once."),
  reason,
  until: dayText,
});

export const submitDecisionsSchema = z.object({
  /** How many staged decisions whoever submits has seen. */
  staged: z.coerce.number().int().min(1, "Nothing is staged."),
  reviewId: z.preprocess(emptyToUndefined, z.uuid().optional()),
});

export const itemParamsSchema = z.object({ itemId: z.uuid() });
