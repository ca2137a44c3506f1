import { route } from "@/lib/auth/route";
import { type BodyReading, readBody } from "@/lib/platform/body";
import { problemResponse } from "@/lib/platform/problem";
import { noteRefusedDelivery, takeDelivery } from "@/lib/tickets/deliveries";
import { providerIdSchema } from "@/lib/tickets/schema";

const mostBytes = 1_048_576;
/** However slowly a body trickles in. */
const timeoutMs = 10_000;

type InTime = BodyReading | { readonly ok: false; readonly code: "too-slow" };

async function readInTime(request: Request): Promise<InTime> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<InTime>((give) => {
    timer = setTimeout(() => give({ ok: false, code: "too-slow" }), timeoutMs);
  });
  try {
    return await Promise.race([readBody(request.body, mostBytes, request.headers.get("content-length")), over]);
  } finally {
    clearTimeout(timer);
  }
}

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
    const body = await readInTime(request);
    if (!body.ok) {
      noteRefusedDelivery(params.providerId, body.code);
      // Whoever has not finished is not waited for: with its answer the connection is closed.
      const headers = { connection: "close" };
      if (body.code === "too-large") return problemResponse("too-large", correlationId, { values: { maxBytes: mostBytes }, headers });
      return problemResponse("bad-request", correlationId, { headers });
    }
    const outcome = await takeDelivery({ providerId: params.providerId, headers: request.headers, body: body.bytes });
    if (outcome === "taken" || outcome === "again") return new Response(null, { status: 204 });
    return outcome === "unknown-provider" ? problemResponse("not-found", correlationId) : problemResponse("token-refused", correlationId, { detail: outcome });
  },
});
