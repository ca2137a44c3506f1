"use server";

import { action } from "@/lib/auth/action";
import { changeRetention, forgetPerson, liftHold, makeHold } from "./mutations";
import { holdIdSchema, newHoldSchema, personIdSchema, retentionSchema } from "./schema";

export const changeRetentionAction = action({
  name: "retention.change",
  permission: "retention:manage",
  input: retentionSchema,
  run: ({ actor, input }) => changeRetention({ actor, days: input.days }),
});

export const makeHoldAction = action({
  name: "retention.make-hold",
  permission: "retention:manage",
  input: newHoldSchema,
  run: ({ actor, input }) => makeHold({ actor, ...input }),
});

export const liftHoldAction = action({
  name: "retention.lift-hold",
  permission: "retention:manage",
  input: holdIdSchema,
  run: ({ actor, input }) => liftHold({ actor, holdId: input.holdId }),
});

export const forgetPersonAction = action({
  name: "retention.forget-person",
  permission: "retention:manage",
  input: personIdSchema,
  run: ({ actor, input }) => forgetPerson({ actor, personId: input.personId }),
});
