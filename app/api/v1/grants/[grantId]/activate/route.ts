import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { activateGrant } from "@/lib/grants/activation";
import { refusalResponse } from "@/lib/platform/problem";
import { objectionToActivation } from "@/lib/requests/recheck";
import { activateByApiSchema, grantParamsSchema } from "@/lib/requests/schema";
import { freshTicketOfGrant } from "@/lib/tickets/checking";
import { viewOwnGrant } from "@/lib/requests/workload-view";

/** Issues the credential over the verifier that the workload made. Repeating the same call repairs a lost answer. */
export const POST = route({
  name: "v1.activate",
  auth: "workload",
  params: grantParamsSchema,
  input: activateByApiSchema,
  run: async ({ actor, params, input, correlationId }) => {
    if (!(await viewOwnGrant(params.grantId, actor.identityId))) notFound();
    await freshTicketOfGrant(params.grantId);
    const objection: Parameters<typeof activateGrant>[0]["objection"] = (tx, grant, now) => objectionToActivation(tx, grant, actor, now);
    const activated = await activateGrant({ actor, grantId: params.grantId, ...input, objection });
    return activated.ok ? Response.json(activated.value) : refusalResponse(activated, correlationId);
  },
});
