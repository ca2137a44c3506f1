"use server";

import { action } from "@/lib/auth/action";
import { setPersonLeft } from "./mutations";
import { giveRoleTo, takeRoleFrom } from "./role-changes";
import { personRoleSchema, setPersonLeftSchema } from "./schema";

export const setPersonLeftAction = action({
  name: "person.set-left",
  permission: "person:set-left",
  input: setPersonLeftSchema,
  run: ({ actor, input }) => setPersonLeft({ actor, personId: input.personId }),
});

export const giveRoleAction = action({
  name: "person.give-role",
  permission: "person:manage",
  input: personRoleSchema,
  run: ({ actor, input }) => giveRoleTo({ actor, ...input }),
});

export const takeRoleAction = action({
  name: "person.take-role",
  permission: "person:manage",
  input: personRoleSchema,
  run: ({ actor, input }) => takeRoleFrom({ actor, ...input }),
});
