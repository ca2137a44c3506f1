import { route } from "@/lib/auth/route";
import { openItem } from "@/lib/reviews/decisions";
import { itemParamsSchema } from "@/lib/reviews/schema";

/** Somebody has an item of a review on screen. By POST of its own: server actions run one at a time and wait for pages. */
export const POST = route({
  name: "review.open-item",
  auth: "session",
  permission: "review:decide",
  params: itemParamsSchema,
  quiet: true,
  run: async ({ actor, params }) => Response.json({ opened: await openItem({ actor, itemId: params.itemId }) }),
});
