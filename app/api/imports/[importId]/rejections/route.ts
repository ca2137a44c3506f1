import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { eachRejection, readProgress } from "@/lib/imports/data";
import { rejectionReport } from "@/lib/imports/rules";
import { importIdSchema } from "@/lib/imports/schema";

/** The lines that were not taken, as CSV: their number and why, never what they say. */
export const GET = route({
  name: "import.rejections",
  auth: "session",
  permission: "import:view",
  params: importIdSchema,
  run: async ({ params }) => {
    if (!(await readProgress(params.importId))) notFound();
    const pieces = eachRejection(params.importId);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(rejectionReport.head)),
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value.map(rejectionReport.line).join("")));
      },
    });
    const headers = { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="rejected-lines-${params.importId.slice(0, 8)}.csv"` };
    return new Response(body, { headers });
  },
});
