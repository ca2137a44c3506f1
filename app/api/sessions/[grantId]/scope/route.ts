import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { maySeeSession } from "@/lib/grants/views/sessions";
import { grantParamsSchema } from "@/lib/requests/schema";
import { usedScope } from "@/lib/uses/data";

/** What a session that one may see reached, as far as logs say. */
export const GET = route({
  name: "sessions.scope",
  auth: "session",
  permission: "session:view",
  params: grantParamsSchema,
  run: async ({ actor, params }) => {
    if (!(await maySeeSession(actor, params.grantId))) notFound();
    return Response.json(await usedScope(params.grantId));
  },
});
