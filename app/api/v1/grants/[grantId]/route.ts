import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { grantParamsSchema } from "@/lib/requests/schema";
import { viewOwnGrant } from "@/lib/requests/workload-view";

/** The truth about one grant of the calling workload: ending, accepted, proven, and how. */
export const GET = route({
  name: "v1.grant",
  auth: "workload",
  params: grantParamsSchema,
  run: async ({ actor, params }) => Response.json((await viewOwnGrant(params.grantId, actor.identityId)) ?? notFound()),
});
