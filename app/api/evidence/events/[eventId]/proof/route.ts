import { recordLook } from "@/lib/auditors/looks";
import { route } from "@/lib/auth/route";
import { eventParametersSchema } from "@/lib/evidence/schema";
import { readEventProof } from "@/lib/evidence/views/event-proof";
import { problemResponse } from "@/lib/platform/problem";

/** Proof that an event is in the ledger, as `.tlog-proof` (C2SP) against the newest signed checkpoint that covers it. */
export const GET = route({
  name: "evidence.event-proof",
  auth: "session",
  permission: "evidence:view-bounded",
  params: eventParametersSchema,
  run: async ({ actor, params, correlationId }) => {
    const found = await readEventProof(params.eventId, actor.bound);
    if (!found) return problemResponse("not-found", correlationId);
    // An event is a part of its chain, however it was come by.
    if (found.chainId !== null) await recordLook(actor, { kind: "chain", subjectId: found.chainId });
    if (found.state === "not-covered") {
      const place = found.position === null ? "It has no position in the ledger yet" : `It stands at position ${found.position}, and the newest checkpoint covers ${found.size} events`;
      return problemResponse("conflict", correlationId, { detail: `No signed checkpoint covers this event yet. ${place}. The next one does, within a minute.` });
    }
    const headers = { "content-type": "text/plain; charset=utf-8", "content-disposition": `attachment; filename="event-${found.position}.tlog-proof"` };
    return new Response(found.proof, { headers });
  },
});
