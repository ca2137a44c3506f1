"use server";

import { action } from "@/lib/auth/action";
import { answerForMany, editIdentity, registerByHand, tagMany } from "./editing";
import { answerForManySchema, editIdentitySchema, registerIdentitySchema, tagManySchema } from "./schema";

/** A thousand ids, separated by commas. */
const manyIdsLength = 40_000;

export const editIdentityAction = action({
  name: "identity.edit",
  permission: "identity:edit",
  input: editIdentitySchema,
  run: ({ actor, input }) => editIdentity({ actor, ...input }),
});

export const registerIdentityAction = action({
  name: "identity.register",
  permission: "identity:register",
  input: registerIdentitySchema,
  run: ({ actor, input }) => registerByHand({ actor, ...input }),
});

export const answerForManyAction = action({
  name: "identity.answer-for-many",
  permission: "identity:edit",
  input: answerForManySchema,
  maxLength: manyIdsLength,
  run: ({ actor, input: { preview, ...input } }) => answerForMany({ actor, ...input, isPreview: preview === "yes" }),
});

export const tagManyAction = action({
  name: "identity.tag-many",
  permission: "identity:edit",
  input: tagManySchema,
  maxLength: manyIdsLength,
  run: ({ actor, input: { preview, ...input } }) => tagMany({ actor, ...input, isPreview: preview === "yes" }),
});
