import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { readForSender } from "@/lib/imports/data";
import { importIdSchema } from "@/lib/imports/schema";
import { authenticateSender } from "@/lib/imports/tokens";

/** Where an import of the token's system stands: counts, why it failed, which lines were not taken. */
export const GET = route({
  name: "v1.import-state",
  auth: "bearer",
  authenticate: authenticateSender,
  params: importIdSchema,
  run: async ({ actor, params }) => Response.json((await readForSender(params.importId, actor.systemId)) ?? notFound()),
});
