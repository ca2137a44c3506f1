"use server";

import { action } from "@/lib/auth/action";
import { allows } from "@/lib/auth/permissions";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { clientAddress } from "@/lib/auth/client-address";
import { writeComment } from "./comments";
import { beginApproval } from "./confirming";
import { decideRequest } from "./decision";
import { lookAt } from "./looking";
import { submitRequest, withdrawRequest } from "./mutations";
import { isEnder } from "./data";
import { objectionToActivation } from "./recheck";
import { freshTicketOfGrant } from "@/lib/tickets/checking";
import { getSignIn } from "@/lib/auth/session";
import { longestAnswer } from "@/lib/passkeys/schema";
import { AppError } from "@/lib/platform/errors";
import { ok } from "@/lib/platform/result";
import { readMeanwhile } from "./views/queue";
import { beginApprovalSchema, lookSchema, meanwhileSchema, activateGrantSchema, decideRequestSchema, endGrantSchema, submitRequestSchema, withdrawRequestSchema, writeCommentSchema } from "./schema";

/** The sign-in of the browser that asks: what it is asked to confirm counts in no other one. */
async function requireSignInId(): Promise<string> {
  const signIn = await getSignIn();
  if (!signIn) throw new AppError("integrity", "an action ran without a sign-in");
  return signIn.signInId;
}

export const submitRequestAction = action({
  name: "request.submit",
  permission: "request:create",
  input: submitRequestSchema,
  run: async ({ actor, input }) => submitRequest({ actor, ...input, sourceAddress: await clientAddress() }),
});

export const decideRequestAction = action({
  name: "request.decide",
  permission: "request:decide",
  input: decideRequestSchema,
  maxLength: longestAnswer,
  secret: ["response"],
  run: async ({ actor, input: { response, ...vote } }) =>
    decideRequest({ actor, ...vote, confirmation: response ? { signInId: await requireSignInId(), response } : null, reading: { together: false, batchSize: 1 } }),
});

export const beginApprovalAction = action({
  name: "request.begin-approval",
  permission: "request:decide",
  input: beginApprovalSchema,
  refresh: false,
  run: async ({ actor, input }) => beginApproval({ actor, signInId: await requireSignInId(), ...input }),
});

export const lookAtAction = action({
  name: "request.look",
  permission: "request:decide",
  input: lookSchema,
  refresh: false,
  run: async ({ actor, input }) => ok({ counts: await lookAt({ actor, ...input }) }),
});

export const meanwhileAction = action({
  name: "request.meanwhile",
  permission: "request:decide",
  input: meanwhileSchema,
  refresh: false,
  run: async ({ actor, input }) => ok({ rows: await readMeanwhile(actor.personId, input.requestIds) }),
});

export const writeCommentAction = action({
  name: "request.comment",
  permission: "request:comment",
  input: writeCommentSchema,
  run: ({ actor, input }) => writeComment({ actor, ...input }),
});

export const withdrawRequestAction = action({
  name: "request.withdraw",
  permission: "request:withdraw",
  input: withdrawRequestSchema,
  run: ({ actor, input }) => withdrawRequest({ actor, ...input }),
});

export const activateGrantAction = action({
  name: "grant.activate",
  permission: "grant:activate",
  input: activateGrantSchema,
  secret: ["verifier"],
  // The reveal must not be rendered away by a fresh view.
  refresh: false,
  run: async ({ actor, input }) => {
    await freshTicketOfGrant(input.grantId);
    return activateGrant({ actor, ...input, objection: (tx, grant, now) => objectionToActivation(tx, grant, actor, now) });
  },
});

export const endGrantAction = action({
  name: "grant.end",
  permission: "grant:end",
  input: endGrantSchema,
  run: ({ actor, input }) =>
    endGrant({
      actor,
      grantId: input.grantId,
      reason: "ended-by-person",
      permitted: (tx, grant) => isEnder(tx, grant, { personId: actor.personId, mayEndAny: allows(actor.roles, "grant:end-any") }),
    }),
});
