import { route } from "@/lib/auth/route";
import { countWaitingFor } from "@/lib/overview/data";

/** What waits for the person to act on, for the counts in the navigation; asked again when something changed. */
export const GET = route({
  name: "waiting",
  auth: "session",
  permission: "overview:view",
  quiet: true,
  run: async ({ actor }) => Response.json(await countWaitingFor(actor, new Date())),
});
