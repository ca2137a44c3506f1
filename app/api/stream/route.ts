import { route } from "@/lib/auth/route";
import { getSignIn } from "@/lib/auth/session";
import { openStream } from "@/lib/auth/streams";
import { problemResponse } from "@/lib/platform/problem";

/** What changes, as it changes: server-sent events of kinds and ids, each only to those who may see it. */
export const GET = route({
  name: "stream.open",
  auth: "session",
  permission: "session:view",
  quiet: true,
  run: async ({ correlationId }) => {
    const signedIn = await getSignIn();
    if (!signedIn) return problemResponse("signed-out", correlationId);
    const stream = openStream(signedIn);
    if (!stream) return problemResponse("too-many", correlationId);
    return new Response(stream, {
      headers: {
        "content-type": "text/event-stream; charset=utf-8",
        // Compressing would hold events back.
        "cache-control": "no-store, no-transform",
        "x-accel-buffering": "no",
        // A stream's socket is of no further use; kept alive, it would hold up a server that is told to stop.
        connection: "close",
      },
    });
  },
});
