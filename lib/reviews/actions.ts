"use server";

import { action } from "@/lib/auth/action";
import { stageBatch, stageDecision, submitDecisions, unstageDecision } from "./decisions";
import { sayRotated } from "./follow-ups";
import { acknowledgeReview, cancelReview, startCampaign } from "./mutations";
import {
  acknowledgeReviewSchema, campaignSchema, cancelReviewSchema, sayRotatedSchema, stageBatchSchema, stageDecisionSchema, submitDecisionsSchema, unstageDecisionSchema,
} from "./schema";

export const startCampaignAction = action({
  name: "review.start",
  permission: "review:run",
  input: campaignSchema,
  lists: ["reviewers"],
  run: ({ actor, input: { dueOn, ...campaign } }) => startCampaign({ ...campaign, dueAt: dueOn }, { actor }),
});

export const cancelReviewAction = action({
  name: "review.cancel",
  permission: "review:run",
  input: cancelReviewSchema,
  run: ({ actor, input }) => cancelReview({ actor, ...input }),
});

export const acknowledgeReviewAction = action({
  name: "review.acknowledge",
  permission: "review:acknowledge",
  input: acknowledgeReviewSchema,
  run: ({ actor, input }) => acknowledgeReview({ actor, ...input }),
});

export const stageDecisionAction = action({
  name: "review.stage",
  permission: "review:decide",
  input: stageDecisionSchema,
  lists: ["assignmentIds"],
  run: ({ actor, input: { itemId, decision, reason, until, ...details } }) => stageDecision({ actor, itemId, decision, reason, until: until ?? null, details }),
});

export const unstageDecisionAction = action({
  name: "review.unstage",
  permission: "review:decide",
  input: unstageDecisionSchema,
  run: ({ actor, input }) => unstageDecision({ actor, ...input }),
});

export const sayRotatedAction = action({
  name: "review.say-rotated",
  permission: "review:decide",
  input: sayRotatedSchema,
  run: ({ actor, input }) => sayRotated({ actor, ...input }),
});

export const stageBatchAction = action({
  name: "review.stage-batch",
  permission: "review:decide",
  input: stageBatchSchema,
  lists: ["itemIds"],
  run: ({ actor, input }) => stageBatch({ actor, ...input }),
});

export const submitDecisionsAction = action({
  name: "review.submit",
  permission: "review:decide",
  input: submitDecisionsSchema,
  run: ({ actor, input }) => submitDecisions({ actor, seen: input.staged, reviewId: input.reviewId ?? null }),
});
