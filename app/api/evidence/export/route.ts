import { route } from "@/lib/auth/route";
import { exportEvidence } from "@/lib/evidence/export";
import { exportSchema } from "@/lib/evidence/schema";
import { refusalResponse } from "@/lib/platform/problem";

export const dynamic = "force-dynamic";

/** Streams what a filter leaves as an archive. By POST, since it writes to the ledger and must not be started by a link. */
export const POST = route({
  name: "evidence.export",
  auth: "session",
  permission: "evidence:export",
  input: exportSchema,
  run: async ({ actor, input, correlationId }) => {
    const started = await exportEvidence({ actor, ...input });
    if (!started.ok) return refusalResponse(started, correlationId, { status: 429, title: "Other exports are still running. Nothing was exported; try again when they are done." });
    const { body, fileName } = started.value;
    const headers = {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="${fileName}"`,
      // Compressing what is compressed would only hold bytes back.
      "cache-control": "no-store, no-transform",
    };
    return new Response(body, { headers });
  },
});
