import * as z from "zod";
import { route } from "@/lib/auth/route";
import { searchChoices } from "@/lib/evidence/data";
import { choiceKinds } from "@/lib/evidence/types";
import { searchText } from "@/lib/platform/list-query";

/** Names that a filter of the evidence offers for a text. */
export const GET = route({
  name: "evidence.choices",
  auth: "session",
  permission: "evidence:view",
  quiet: true,
  query: z.object({ kind: z.enum(choiceKinds), q: searchText() }),
  run: async ({ query }) => Response.json({ choices: await searchChoices(query.kind, query.q) }),
});
