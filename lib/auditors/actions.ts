"use server";

import { action } from "@/lib/auth/action";
import { endEngagement, engage, removeEngagement } from "./mutations";
import { engagementIdSchema, engageSchema } from "./schema";

export const engageAuditorAction = action({
  name: "auditor.engage",
  permission: "auditor:manage",
  input: engageSchema,
  lists: ["systemIds"],
  run: ({ actor, input: { everySystem: _every, ...input } }) => engage({ actor, ...input }),
});

export const endEngagementAction = action({
  name: "auditor.end-engagement",
  permission: "auditor:manage",
  input: engagementIdSchema,
  run: ({ actor, input }) => endEngagement({ actor, ...input }),
});

export const removeEngagementAction = action({
  name: "auditor.remove-engagement",
  permission: "auditor:manage",
  input: engagementIdSchema,
  run: ({ actor, input }) => removeEngagement({ actor, ...input }),
});
