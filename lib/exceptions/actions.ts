"use server";

import { action } from "@/lib/auth/action";
import { endException, makeException } from "./mutations";
import { endExceptionSchema, makeExceptionSchema } from "./schema";

export const makeExceptionAction = action({
  name: "exception.make",
  permission: "exception:make",
  input: makeExceptionSchema,
  run: ({ actor, input }) => makeException({ actor, ...input }),
});

export const endExceptionAction = action({
  name: "exception.end",
  permission: "exception:make",
  input: endExceptionSchema,
  run: ({ actor, input }) => endException({ actor, exceptionId: input.exceptionId }),
});
