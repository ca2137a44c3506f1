import * as z from "zod";
import { route } from "@/lib/auth/route";
import { recordLook } from "@/lib/auditors/looks";
import { noteDownload } from "@/lib/evidence/mutations";
import { exportBytes, readExportFile } from "@/lib/evidence/views/exports";
import { problemResponse } from "@/lib/platform/problem";

export const dynamic = "force-dynamic";

/** The file of one's own export, until it expires. Taking it is an event. */
export const GET = route({
  name: "evidence.download-export",
  auth: "session",
  permission: "evidence:export",
  params: z.object({ exportId: z.uuid() }),
  run: async ({ actor, params, correlationId }) => {
    const file = await readExportFile(params.exportId, actor);
    if (!file) return problemResponse("not-found", correlationId);
    await recordLook(actor, { kind: "file", subjectId: file.id });
    await noteDownload({ actor, exportId: file.id }, file.sha256);
    const headers = {
      "content-type": mediaTypes[file.fileName.split(".").at(-1) ?? ""] ?? "application/octet-stream",
      "content-disposition": `attachment; filename="${file.fileName}"`,
      "content-length": file.bytes.toString(),
      // Compressing what is compressed would only hold bytes back.
      "cache-control": "no-store, no-transform",
    };
    return new Response(exportBytes(file), { headers });
  },
});

const mediaTypes: Readonly<Record<string, string>> = {
  zip: "application/zip",
  pdf: "application/pdf",
  sarif: "application/sarif+json",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
};
