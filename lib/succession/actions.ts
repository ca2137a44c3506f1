"use server";

import { action } from "@/lib/auth/action";
import { answerOffer } from "./answering";
import { handOverIdSchema } from "./schema";

export const acceptHandOverAction = action({
  name: "hand-over.accept",
  permission: "hand-over:answer",
  input: handOverIdSchema,
  run: ({ actor, input }) => answerOffer({ actor, handOverId: input.handOverId, answer: "accept" }),
});

export const declineHandOverAction = action({
  name: "hand-over.decline",
  permission: "hand-over:answer",
  input: handOverIdSchema,
  run: ({ actor, input }) => answerOffer({ actor, handOverId: input.handOverId, answer: "decline" }),
});
