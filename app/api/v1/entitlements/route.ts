import { route } from "@/lib/auth/route";
import { listRequestable } from "@/lib/requests/workload-view";

/** What can be asked for. */
export const GET = route({
  name: "v1.entitlements",
  auth: "workload",
  run: async () => Response.json({ entitlements: await listRequestable() }),
});
