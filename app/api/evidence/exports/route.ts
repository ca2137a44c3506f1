import { route } from "@/lib/auth/route";
import { readOwnProgress } from "@/lib/evidence/views/exports";

export const dynamic = "force-dynamic";

/** How far one's own exports are, for the page that waits for them. */
export const GET = route({
  name: "evidence.export-progress",
  auth: "session",
  permission: "evidence:export",
  quiet: true,
  run: async ({ actor }) => Response.json({ exports: await readOwnProgress(actor) }, { headers: { "cache-control": "no-store" } }),
});
