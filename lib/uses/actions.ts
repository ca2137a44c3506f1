"use server";

import { action } from "@/lib/auth/action";
import { closeSource, makeSource } from "./mutations";
import { makeSourceSchema, makeSourceTokenSchema, sourceIdSchema, withdrawSourceTokenSchema } from "./schema";
import { makeSourceToken, withdrawSourceToken } from "./tokens";

export const makeSourceAction = action({
  name: "source.make",
  permission: "source:manage",
  input: makeSourceSchema,
  refresh: false,
  run: ({ actor, input }) => makeSource({ actor, input }),
});

export const closeSourceAction = action({
  name: "source.close",
  permission: "source:manage",
  input: sourceIdSchema,
  run: ({ actor, input }) => closeSource({ actor, sourceId: input.sourceId }),
});

/** The answer holds the token: the page is not rendered anew, which would take it away. */
export const makeSourceTokenAction = action({
  name: "source.make-token",
  permission: "source:manage",
  input: makeSourceTokenSchema,
  refresh: false,
  run: ({ actor, input }) => makeSourceToken({ actor, ...input }),
});

export const withdrawSourceTokenAction = action({
  name: "source.withdraw-token",
  permission: "source:manage",
  input: withdrawSourceTokenSchema,
  run: ({ actor, input }) => withdrawSourceToken({ actor, tokenId: input.tokenId }),
});
