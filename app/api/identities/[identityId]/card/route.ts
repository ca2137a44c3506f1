import * as z from "zod";
import { route } from "@/lib/auth/route";
import { readCard } from "@/lib/identities/views/list";
import { problemResponse } from "@/lib/platform/problem";

/** One identity as it stands beside the list. */
export const GET = route({
  name: "identity.card",
  auth: "session",
  permission: "identity:view",
  params: z.object({ identityId: z.guid() }),
  quiet: true,
  run: async ({ actor, params: { identityId }, correlationId }) => {
    const card = await readCard(actor, identityId);
    return card ? Response.json(card) : problemResponse("not-found", correlationId);
  },
});
