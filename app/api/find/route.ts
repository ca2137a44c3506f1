import * as z from "zod";
import { route } from "@/lib/auth/route";
import { findForPerson } from "@/lib/overview/views/find";
import { findLimits } from "@/lib/overview/schema";

const query = z.object({ q: z.string().trim().min(findLimits.shortest).max(findLimits.longest) });

/** Identities, requests and systems by name or number, as far as the person may see them. */
export const GET = route({
  name: "find",
  auth: "session",
  permission: "overview:view",
  query,
  quiet: true,
  run: async ({ actor, query: { q } }) => Response.json({ found: await findForPerson(actor, q) }),
});
