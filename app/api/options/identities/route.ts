import { route } from "@/lib/auth/route";
import { searchIdentities } from "@/lib/requests/views/ask";
import { optionSearchSchema } from "@/lib/requests/views/ask-schema";

/** Identities to ask for, by a part of their name. */
export const GET = route({
  name: "request.identity-options",
  auth: "session",
  permission: "request:create",
  quiet: true,
  query: optionSearchSchema,
  run: async ({ actor, query }) => Response.json(await searchIdentities(actor, query.q)),
});
