"use server";

import { action } from "@/lib/auth/action";
import { suspendByHand, undoByHand } from "./mutations";
import { suspendSchema, undoSchema } from "./schema";

export const suspendAction = action({
  name: "identity.suspend",
  permission: "identity:suspend",
  input: suspendSchema,
  run: ({ actor, input }) => suspendByHand({ actor, form: input }),
});

export const undoSuspensionAction = action({
  name: "identity.undo-suspension",
  permission: "identity:suspend",
  input: undoSchema,
  run: ({ actor, input }) => undoByHand({ actor, suspensionId: input.suspensionId }),
});
