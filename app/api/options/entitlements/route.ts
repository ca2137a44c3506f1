import { route } from "@/lib/auth/route";
import { searchEntitlements } from "@/lib/requests/views/ask";
import { optionSearchSchema } from "@/lib/requests/views/ask-schema";

/** Entitlements that can be asked for, by a part of their name, description or system. */
export const GET = route({
  name: "request.entitlement-options",
  auth: "session",
  permission: "request:create",
  quiet: true,
  query: optionSearchSchema,
  run: async ({ query }) => Response.json(await searchEntitlements(query.q)),
});
