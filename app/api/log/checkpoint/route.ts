import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { authenticateFollower } from "@/lib/checkpoints/following";
import { latestCheckpoint } from "@/lib/ledger/tree/proofs";

/** The newest signed checkpoint (C2SP tlog-tiles). */
export const GET = route({
  name: "log.checkpoint",
  auth: "bearer",
  authenticate: authenticateFollower,
  quiet: true,
  run: async () => {
    const newest = await latestCheckpoint();
    return new Response(newest?.note ?? notFound(), { headers: { "content-type": "text/plain; charset=utf-8" } });
  },
});
