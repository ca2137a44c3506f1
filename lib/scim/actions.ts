"use server";

import { action } from "@/lib/auth/action";
import { leavingStopSchema, scimTokenIdSchema, scimTokenSchema } from "./schema";
import { decideStop } from "./stops";
import { makeScimToken, withdrawScimToken } from "./tokens";

/** The answer holds the token once: the page is not rendered anew, which would take it away. */
export const makeScimTokenAction = action({
  name: "directory.make-token",
  permission: "directory:manage",
  input: scimTokenSchema,
  refresh: false,
  run: ({ actor, input }) => makeScimToken({ actor, ...input }),
});

export const withdrawScimTokenAction = action({
  name: "directory.withdraw-token",
  permission: "directory:manage",
  input: scimTokenIdSchema,
  run: ({ actor, input }) => withdrawScimToken({ actor, ...input }),
});

export const decideStopAction = action({
  name: "directory.decide-stop",
  permission: "directory:manage",
  input: leavingStopSchema,
  run: ({ actor, input }) => decideStop({ actor, ...input }),
});
