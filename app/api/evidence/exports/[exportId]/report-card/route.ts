import * as z from "zod";
import { route } from "@/lib/auth/route";
import { readExportFile } from "@/lib/evidence/views/exports";
import { problemResponse } from "@/lib/platform/problem";

export const dynamic = "force-dynamic";

/** What an export says about itself: what was asked, of which moment, and the hash of each of its files. */
export const GET = route({
  name: "evidence.export-report-card",
  auth: "session",
  permission: "evidence:export",
  params: z.object({ exportId: z.uuid() }),
  run: async ({ actor, params, correlationId }) => {
    const file = await readExportFile(params.exportId, actor);
    if (!file) return problemResponse("not-found", correlationId);
    const headers = { "content-type": "application/json; charset=utf-8", "content-disposition": `attachment; filename="${file.fileName.replace(/\.[a-z]+$/, "")}-report-card.json"`, "cache-control": "no-store" };
    return new Response(file.card, { headers });
  },
});
