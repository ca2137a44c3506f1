import { recordLook } from "@/lib/auditors/looks";
import { route } from "@/lib/auth/route";
import { eventParametersSchema } from "@/lib/evidence/schema";
import { readEventBytes } from "@/lib/evidence/views/event-proof";
import { problemResponse } from "@/lib/platform/problem";

/** One event to the byte, as its leaf hash covers it. */
export const GET = route({
  name: "evidence.event",
  auth: "session",
  permission: "evidence:view-bounded",
  params: eventParametersSchema,
  run: async ({ actor, params, correlationId }) => {
    const found = await readEventBytes(params.eventId, actor.bound);
    if (!found) return problemResponse("not-found", correlationId);
    // An event is a part of its chain, however it was come by.
    if (found.chainId !== null) await recordLook(actor, { kind: "chain", subjectId: found.chainId });
    const name = found.position === null ? "event.json" : `event-${found.position}.json`;
    return new Response(found.bytes, { headers: { "content-type": "application/json", "content-disposition": `attachment; filename="${name}"` } });
  },
});
