import { notFound } from "next/navigation";
import { allows } from "@/lib/auth/permissions";
import { route } from "@/lib/auth/route";
import { readReach, readReachOwner } from "@/lib/identities/reach";
import { identityParamsSchema } from "@/lib/identities/schema";

/** What an identity can reach, for its owner side, auditors and administrators; for everybody else it is not there. */
export const GET = route({
  name: "identity.reach",
  auth: "session",
  permission: "identity:view",
  params: identityParamsSchema,
  run: async ({ actor, params }) => {
    const identity = await readReachOwner(params.identityId);
    const isInside = identity && (allows(actor.roles, "identity:view-reach") || [identity.ownerId, identity.sponsorId, identity.backupId].includes(actor.personId));
    if (!isInside) notFound();
    return Response.json(await readReach(identity));
  },
});
