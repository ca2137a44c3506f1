import { route } from "@/lib/auth/route";
import { problemResponse, refusalResponse } from "@/lib/platform/problem";
import { receiveUses } from "@/lib/uses/intake";
import { sendUsesSchema } from "@/lib/uses/schema";
import { authenticateUsesSender, type UsesSender } from "@/lib/uses/tokens";

export const dynamic = "force-dynamic";

type Context = { actor: UsesSender; query: ReturnType<typeof sendUsesSchema.parse>; request: Request; correlationId: string };

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield* await Promise.resolve([]);
}

/** A machine sends lines of its source's log, few or as a stream, as the target wrote them. Sent again, they add nothing. */
export const POST = route({
  name: "v1.uses",
  auth: "bearer",
  authenticate: authenticateUsesSender,
  query: sendUsesSchema,
  run: async ({ actor, query, request, correlationId }: Context) => {
    const completeUntil = query.completeUntil ?? null;
    if (!request.body && completeUntil === null) return problemResponse("bad-request", correlationId);
    const received = await receiveUses({ sourceId: actor.sourceId, sender: actor.name, body: request.body ?? nothing(), completeUntil });
    if (!received.ok) return refusalResponse(received, correlationId, received.code === "too-many-uploads" ? { status: 429 } : {});
    const { state, failure } = received.value;
    return Response.json(received.value, { status: state === "complete" ? 200 : failure === "too-large" ? 413 : 422 });
  },
});
