import { route } from "@/lib/auth/route";
import { readTeamOptions } from "@/lib/request-templates/views/list";

/** The teams that the caller is in, to share a template with. */
export const GET = route({
  name: "request-template.teams",
  auth: "session",
  permission: "template:change",
  quiet: true,
  run: async ({ actor }) => Response.json(await readTeamOptions(actor.personId)),
});
