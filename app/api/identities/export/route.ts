import * as z from "zod";
import { route } from "@/lib/auth/route";
import { exportIdentities } from "@/lib/identities/export";
import { identityListSchema } from "@/lib/identities/views/list-schema";
import { refusalResponse } from "@/lib/platform/problem";

export const dynamic = "force-dynamic";

/** Streams the list as it is filtered and sorted. By POST, since it writes to the ledger and must not be started by a link. */
export const POST = route({
  name: "identity.export",
  auth: "session",
  permission: "identity:export",
  input: z.object({ query: z.string().max(4_000).default("") }),
  run: async ({ actor, input, correlationId }) => {
    const query = identityListSchema.parse(Object.fromEntries(new URLSearchParams(input.query)));
    const started = await exportIdentities({ actor, query });
    if (!started.ok) return refusalResponse(started, correlationId, { status: 429, title: "Other exports are still running. Nothing was exported; try again when they are done." });
    const { body, fileName, rows } = started.value;
    const headers = {
      "content-type": "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${fileName}"`,
      "x-curfew-rows": String(rows),
      "cache-control": "no-store, no-transform",
    };
    return new Response(body, { headers });
  },
});
