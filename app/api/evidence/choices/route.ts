import * as z from "zod";
import { route } from "@/lib/auth/route";
import { searchChoicesWithin } from "@/lib/evidence/bounded";
import { searchChoices } from "@/lib/evidence/data";
import { choiceKinds } from "@/lib/evidence/types";
import { searchText } from "@/lib/platform/list-query";

/** Names that a filter of the evidence offers for a text. */
export const GET = route({
  name: "evidence.choices",
  auth: "session",
  permission: "evidence:view-bounded",
  quiet: true,
  query: z.object({ kind: z.enum(choiceKinds), q: searchText() }),
  run: async ({ actor: { bound }, query }) => Response.json({ choices: await (bound ? searchChoicesWithin(query.kind, query.q, bound) : searchChoices(query.kind, query.q)) }),
});
