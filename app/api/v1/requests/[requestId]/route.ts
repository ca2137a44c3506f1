import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { requestParamsSchema } from "@/lib/requests/schema";
import { viewOwnRequest } from "@/lib/requests/workload-view";

/** Where a request of the calling workload stands. */
export const GET = route({
  name: "v1.request",
  auth: "workload",
  params: requestParamsSchema,
  run: async ({ actor, params }) => Response.json((await viewOwnRequest(params.requestId, actor.identityId)) ?? notFound()),
});
