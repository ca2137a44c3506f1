import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { problemResponse, refusalResponse } from "@/lib/platform/problem";
import { receiveLog } from "@/lib/uses/intake";
import { sendLogSchema, sourceIdSchema } from "@/lib/uses/schema";

export const dynamic = "force-dynamic";

/** Takes the bytes of a log as they come; the answer says what became of each line. Nothing of it is kept as it was sent. */
export const PUT = route({
  name: "uses.file",
  auth: "session",
  permission: "source:manage",
  params: sourceIdSchema,
  query: sendLogSchema,
  run: async ({ actor, params, query, request, correlationId }) => {
    if (!request.body) return problemResponse("bad-request", correlationId);
    const received = await receiveLog({ actor, sourceId: params.sourceId, name: query.name, body: request.body });
    if (received.ok) return Response.json(received.value);
    if (received.code === "unknown-source") notFound();
    return refusalResponse(received, correlationId, { status: 429 });
  },
});
