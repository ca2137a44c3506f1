import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { receiveFile } from "@/lib/imports/intake";
import { declaredBytes } from "@/lib/imports/rules";
import { importIdSchema } from "@/lib/imports/schema";
import { problemResponse, refusalResponse } from "@/lib/platform/problem";

export const dynamic = "force-dynamic";

/** Takes the bytes of an announced file as they come; the answer says what became of it. Nothing of it is kept as it was sent. */
export const PUT = route({
  name: "import.file",
  auth: "session",
  permission: "import:create",
  params: importIdSchema,
  run: async ({ actor, params, request, correlationId }) => {
    if (!request.body) return problemResponse("bad-request", correlationId);
    const received = await receiveFile({ actor, importId: params.importId, body: request.body, declared: declaredBytes(request) });
    if (received.ok) return Response.json(received.value);
    if (received.code === "not-found") notFound();
    return refusalResponse(received, correlationId, received.code === "too-many-uploads" ? { status: 429 } : {});
  },
});
