import { route } from "@/lib/auth/route";
import { receiveFile } from "@/lib/imports/intake";
import { announceImport } from "@/lib/imports/mutations";
import { declaredBytes, isCompleteByItself } from "@/lib/imports/rules";
import { sendImportSchema } from "@/lib/imports/schema";
import { authenticateSender, type ImportSender } from "@/lib/imports/tokens";
import { problemResponse, refusalResponse } from "@/lib/platform/problem";

export const dynamic = "force-dynamic";

const web = { kind: "system", process: "web" } as const;

/** A machine sends a file about the system of its token, as the body. 202 with where to look; a person decides about the differences. */
export const POST = route({
  name: "v1.import",
  auth: "bearer",
  authenticate: authenticateSender,
  query: sendImportSchema,
  run: async ({ actor, query, request, correlationId }: { actor: ImportSender; query: ReturnType<typeof sendImportSchema.parse>; request: Request; correlationId: string }) => {
    if (!request.body) return problemResponse("bad-request", correlationId);
    const { format, coverage, name, mapping = null, asOf = null } = query;
    const isComplete = isCompleteByItself(format) ?? coverage === "all";
    const announced = await announceImport({ actor: web, tokenId: actor.id, announcement: { systemId: actor.systemId, newSystem: null, fileName: name, format, isComplete, mapping, asOf } });
    if (!announced.ok) return refusalResponse(announced, correlationId);
    const received = await receiveFile({ actor: web, importId: announced.value.importId, body: request.body, declared: declaredBytes(request) });
    if (!received.ok) return refusalResponse(received, correlationId, { status: 429 });
    const location = `/api/v1/imports/${announced.value.importId}`;
    const status = received.value.state === "comparing" ? 202 : received.value.failure === "too-large" ? 413 : 422;
    return Response.json(received.value, { status, headers: { location } });
  },
});
