import { route } from "@/lib/auth/route";
import { searchTickets } from "@/lib/tickets/checking";
import { ticketSearchSchema } from "@/lib/tickets/schema";

/** Tickets of every connected system, by a part of their key or title. */
export const GET = route({
  name: "ticket.options",
  auth: "session",
  permission: "request:create",
  quiet: true,
  query: ticketSearchSchema,
  run: async ({ query }) => Response.json((await searchTickets(query.q)).map((found) => ({ ...found, id: found.key, name: found.key }))),
});
