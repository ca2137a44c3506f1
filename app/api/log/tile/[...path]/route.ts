import { notFound } from "next/navigation";
import * as z from "zod";
import { route } from "@/lib/auth/route";
import { authenticateFollower } from "@/lib/checkpoints/following";
import { parseTilePath, readTilePart } from "@/lib/ledger/tree/serve";

/** Tiles of hashes and bundles of entries (C2SP tlog-tiles). */
export const GET = route({
  name: "log.tile",
  auth: "bearer",
  authenticate: authenticateFollower,
  quiet: true,
  params: z.object({ path: z.array(z.string().max(20)).max(8) }),
  run: async ({ params }) => {
    const part = parseTilePath(params.path);
    const bytes = part && (await readTilePart(part));
    return new Response(bytes ?? notFound(), { headers: { "content-type": "application/octet-stream" } });
  },
});
