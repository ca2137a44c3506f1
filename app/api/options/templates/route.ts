import { route } from "@/lib/auth/route";
import { searchTemplates } from "@/lib/request-templates/views/list";
import { optionSearchSchema } from "@/lib/requests/views/ask-schema";

/** Templates that the caller may start from, by a part of their name. */
export const GET = route({
  name: "request-template.options",
  auth: "session",
  permission: "template:keep",
  quiet: true,
  query: optionSearchSchema,
  run: async ({ actor, query }) => Response.json(await searchTemplates(actor, query.q)),
});
