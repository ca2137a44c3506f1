import * as z from "zod";
import { route } from "@/lib/auth/route";
import { readProof } from "@/lib/passkeys/data";

/** The proof that a vote was confirmed with a passkey, as `scripts/verify/step-up.mjs` takes it. */
export const GET = route({
  name: "evidence.proof",
  auth: "session",
  permission: "evidence:view",
  params: z.object({ proofId: z.uuid() }),
  run: async ({ params }) => {
    const proof = await readProof(params.proofId);
    if (!proof) return Response.json({ error: "There is no such proof." }, { status: 404 });
    return Response.json(proof, { headers: { "content-disposition": `attachment; filename="proof-${proof.id}.json"`, "cache-control": "no-store" } });
  },
});
