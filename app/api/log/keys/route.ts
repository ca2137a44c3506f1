import { route } from "@/lib/auth/route";
import { authenticateFollower } from "@/lib/checkpoints/following";
import { logVerifierKeys } from "@/lib/ledger/tree/keys";
import { checkpointOf } from "@/lib/ledger/tree/proofs";

/** Keys that checkpoints were and are signed with; beside each later one the checkpoint in which the one before announces it. */
export const GET = route({
  name: "log.keys",
  auth: "bearer",
  authenticate: authenticateFollower,
  quiet: true,
  run: async () => {
    const keys = await logVerifierKeys();
    const announced = await Promise.all(keys.map(({ from }) => (from === 0n ? Promise.resolve(null) : checkpointOf(from))));
    const body = keys.map(({ vkey, from, until }, n) => ({ vkey, from: Number(from), until: until === null ? null : Number(until), announcedIn: announced[n]?.note ?? null }));
    return Response.json({ keys: body });
  },
});
