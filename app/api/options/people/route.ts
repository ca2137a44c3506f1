import { route } from "@/lib/auth/route";
import { findPeople } from "@/lib/people/views/options";
import { personSearchSchema } from "@/lib/people/views/options-schema";

/** People to name somewhere, by a part of their name. */
export const GET = route({
  name: "person.options",
  auth: "session",
  permission: "person:name",
  quiet: true,
  query: personSearchSchema,
  run: async ({ query }) => Response.json(await findPeople(query.q, query.team)),
});
