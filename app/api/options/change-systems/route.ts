import { route } from "@/lib/auth/route";
import { ticketSearchSchema } from "@/lib/tickets/schema";
import { findSystems } from "@/lib/tickets/views/options";

/** Systems that a change can name, by a part of their name. */
export const GET = route({
  name: "ticket.system-options",
  auth: "session",
  permission: "ticket:register",
  quiet: true,
  query: ticketSearchSchema,
  run: async ({ query }) => Response.json(await findSystems(query.q)),
});
