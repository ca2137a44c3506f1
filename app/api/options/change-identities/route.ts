import { route } from "@/lib/auth/route";
import { ticketSearchSchema } from "@/lib/tickets/schema";
import { findIdentities } from "@/lib/tickets/views/options";

/** Identities that a change can name, by a part of their name. */
export const GET = route({
  name: "ticket.identity-options",
  auth: "session",
  permission: "ticket:register",
  quiet: true,
  query: ticketSearchSchema,
  run: async ({ query }) => Response.json(await findIdentities(query.q)),
});
