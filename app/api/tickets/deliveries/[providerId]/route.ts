import { route } from "@/lib/auth/route";
import { readBody } from "@/lib/platform/body";
import { problemResponse } from "@/lib/platform/problem";
import { takeDelivery } from "@/lib/tickets/deliveries";
import { providerIdSchema } from "@/lib/tickets/schema";

const mostBytes = 1_048_576;
/** However slowly a body trickles in. */
const timeoutMs = 10_000;

/**
 * A ticket system says that something happened. Open to anybody, since senders have no account here: what counts is the signature
 * over the body, and all that it does is to make one ticket due. No cookie is read.
 */
export const POST = route({
  name: "ticket.delivery",
  auth: "public",
  changesNothing: true,
  params: providerIdSchema,
  run: async ({ params, request, correlationId }) => {
    const late = AbortSignal.timeout(timeoutMs);
    const body = await Promise.race([
      readBody(request.body, mostBytes, request.headers.get("content-length")),
      new Promise<{ readonly ok: false; readonly code: "bad-request" }>((give) => late.addEventListener("abort", () => give({ ok: false, code: "bad-request" }), { once: true })),
    ]);
    if (!body.ok) return problemResponse(body.code, correlationId, body.code === "too-large" ? { values: { maxBytes: mostBytes } } : {});
    const outcome = await takeDelivery({ providerId: params.providerId, headers: request.headers, body: body.bytes });
    if (outcome === "taken" || outcome === "again") return new Response(null, { status: 204 });
    return outcome === "unknown-provider" ? problemResponse("not-found", correlationId) : problemResponse("token-refused", correlationId, { detail: outcome });
  },
});
