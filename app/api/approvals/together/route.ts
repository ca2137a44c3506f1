import { route } from "@/lib/auth/route";
import { logger } from "@/lib/platform/logger";
import { refusalResponse } from "@/lib/platform/problem";
import { decideTogether, previewTogether } from "@/lib/requests/batch";
import { decideTogetherSchema, togetherSchema } from "@/lib/requests/schema";
import type { TogetherNews } from "@/lib/requests/together";

/** Which of the selected can be decided together, and why the others cannot. */
export const GET = route({
  name: "request.preview-together",
  auth: "session",
  permission: "request:decide",
  quiet: true,
  query: togetherSchema,
  run: async ({ actor, query }) => Response.json(await previewTogether({ actor, ...query })),
});

/** Decides them, and tells line by line what came of each as soon as it is committed. */
export const POST = route({
  name: "request.decide-together",
  auth: "session",
  permission: "request:decide",
  input: decideTogetherSchema,
  run: async ({ actor, input, correlationId }) => {
    const begun = await decideTogether({ actor, ...input });
    if (!begun.ok) return refusalResponse(begun, correlationId);
    return new Response(linesOf(begun.value, correlationId), { headers: { "content-type": "application/x-ndjson; charset=utf-8", "cache-control": "no-store, no-transform", "x-accel-buffering": "no" } });
  },
});

/** Whoever closes the page has pressed the button all the same: what was begun is done to its end, heard or not. */
function linesOf(news: AsyncGenerator<TogetherNews>, correlationId: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isHeard = true;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const tellAll = async () => {
        for await (const one of news) if (isHeard) controller.enqueue(encoder.encode(`${JSON.stringify(one)}\n`));
        if (isHeard) controller.close();
      };
      tellAll().catch((error: unknown) => {
        logger.error({ event: "request.decide-together-broke-off", correlationId, err: error });
        if (isHeard) controller.error(error);
      });
    },
    cancel() {
      isHeard = false;
    },
  });
}
