import { clientAddress } from "@/lib/auth/client-address";
import { route } from "@/lib/auth/route";
import { previewAsk } from "@/lib/requests/views/ask";
import { lookUpTicket } from "@/lib/tickets/checking";
import { askDraftSchema } from "@/lib/requests/views/ask-schema";

/** What would become of an ask while it is being written. By GET: server actions run one at a time and this one is asked often. */
export const GET = route({
  name: "request.preview",
  auth: "session",
  permission: "request:create",
  quiet: true,
  query: askDraftSchema,
  run: async ({ actor, query }) => {
    await lookUpTicket(query.ticketKey, 10_000);
    return Response.json(await previewAsk(actor, query, await clientAddress()));
  },
});
