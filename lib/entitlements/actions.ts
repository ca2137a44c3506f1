"use server";

import { action } from "@/lib/auth/action";
import { editEntitlement, editManyEntitlements } from "./editing";
import { editEntitlementSchema, editManySchema } from "./schema";

export const editEntitlementAction = action({
  name: "entitlement.edit",
  permission: "entitlement:define",
  input: editEntitlementSchema,
  run: ({ actor, input: { capHours, requestable, ...input } }) =>
    editEntitlement({ actor, ...input, maxDurationSeconds: capHours, requestable: requestable === "yes" }),
});

export const editManyEntitlementsAction = action({
  name: "entitlement.edit-many",
  permission: "entitlement:define",
  input: editManySchema,
  run: ({ actor, input: { ids, preview, sensitivity, resourceOwnerId, resourceTeamId, purposes, capHours } }) =>
    editManyEntitlements({
      actor,
      ids,
      isPreview: preview === "yes",
      change: {
        ...(sensitivity ? { sensitivity } : {}),
        ...(resourceOwnerId ? { resourceOwnerId } : {}),
        ...(resourceTeamId ? { resourceTeamId } : {}),
        ...(purposes.length > 0 ? { purposes } : {}),
        ...(capHours === null ? {} : { maxDurationSeconds: capHours }),
      },
    }),
});
