"use server";

import { action } from "@/lib/auth/action";
import { allows } from "@/lib/auth/permissions";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { clientAddress } from "@/lib/auth/client-address";
import { decideRequest } from "./decision";
import { submitRequest, withdrawRequest } from "./mutations";
import { isEnder } from "./data";
import { objectionToActivation } from "./recheck";
import { freshTicketOfGrant } from "@/lib/tickets/checking";
import { activateGrantSchema, decideRequestSchema, endGrantSchema, submitRequestSchema, withdrawRequestSchema } from "./schema";

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
  run: ({ actor, input }) => decideRequest({ actor, ...input }),
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
