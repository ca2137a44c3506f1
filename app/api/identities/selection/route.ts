import { route } from "@/lib/auth/route";
import { mostInBulk } from "@/lib/identities/schema";
import { asPersonMayAsk, listIds } from "@/lib/identities/views/list";
import { identityListSchema } from "@/lib/identities/views/list-schema";

/** The first ids of a filtered list in its order, as many as one bulk change takes. */
export const GET = route({
  name: "identity.selection",
  auth: "session",
  permission: "identity:view",
  query: identityListSchema,
  run: async ({ actor, query }) => Response.json({ ids: await listIds(asPersonMayAsk(actor, query), mostInBulk) }),
});
