import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { endGrant } from "@/lib/grants/ending";
import type { EndReason } from "@/lib/grants/types";
import { refusalResponse } from "@/lib/platform/problem";
import { grantParamsSchema } from "@/lib/requests/schema";
import { viewOwnGrant } from "@/lib/requests/workload-view";

/** Builds the handler by which a workload ends a session of its own. */
export function endOwnGrant(name: string, reason: EndReason) {
  return route({
    name,
    auth: "workload",
    params: grantParamsSchema,
    run: async ({ actor, params, correlationId }) => {
      if (!(await viewOwnGrant(params.grantId, actor.identityId))) notFound();
      const permitted: Parameters<typeof endGrant>[0]["permitted"] = (_tx, grant) => Promise.resolve(grant.requesterIdentityId === actor.identityId);
      const ended = await endGrant({ actor, grantId: params.grantId, reason, permitted });
      const location = `/api/v1/grants/${params.grantId}`;
      return ended.ok ? Response.json({ ...ended.value, poll: location }, { status: 202, headers: { location } }) : refusalResponse(ended, correlationId);
    },
  });
}
