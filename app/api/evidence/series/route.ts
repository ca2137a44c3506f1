import { route } from "@/lib/auth/route";
import { seriesSchema } from "@/lib/evidence/schema";
import { readSeries } from "@/lib/evidence/views/series";

export const dynamic = "force-dynamic";

/** What became of the rows that a filter leaves, over time, for the charts above the list. */
export const GET = route({
  name: "evidence.series",
  auth: "session",
  permission: "evidence:view",
  quiet: true,
  query: seriesSchema,
  run: async ({ query }) => Response.json(await readSeries(query), { headers: { "cache-control": "no-store" } }),
});
