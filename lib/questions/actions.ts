"use server";

import { action } from "@/lib/auth/action";
import { changeQuestion, keepQuestion, removeQuestion } from "./mutations";
import { changeQuestionSchema, keepQuestionSchema, removeQuestionSchema } from "./schema";

export const keepQuestionAction = action({
  name: "question.keep",
  permission: "evidence:keep-question",
  input: keepQuestionSchema,
  run: ({ actor, input }) => keepQuestion({ actor, ...input }),
});

export const changeQuestionAction = action({
  name: "question.change",
  permission: "evidence:keep-question",
  input: changeQuestionSchema,
  run: ({ actor, input }) => changeQuestion({ actor, ...input }),
});

export const removeQuestionAction = action({
  name: "question.remove",
  permission: "evidence:keep-question",
  input: removeQuestionSchema,
  run: ({ actor, input }) => removeQuestion({ actor, ...input }),
});
