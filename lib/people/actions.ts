"use server";

import { action } from "@/lib/auth/action";
import { setPersonLeft } from "./mutations";
import { setPersonLeftSchema } from "./schema";

export const setPersonLeftAction = action({
  name: "person.set-left",
  permission: "person:set-left",
  input: setPersonLeftSchema,
  run: ({ actor, input }) => setPersonLeft({ actor, personId: input.personId }),
});
