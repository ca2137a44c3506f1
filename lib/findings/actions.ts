"use server";

import { action } from "@/lib/auth/action";
import { seeFinding } from "./mutations";
import { seeFindingSchema } from "./schema";

export const seeFindingAction = action({
  name: "finding.see",
  permission: "finding:see",
  input: seeFindingSchema,
  run: ({ actor, input }) => seeFinding({ actor, ...input }),
});
