import { route } from "@/lib/auth/route";
import { previewSchema } from "@/lib/reviews/schema";
import { previewCampaign } from "@/lib/reviews/views/draft";

/** Whom a campaign would ask about how much, while it is being put together. */
export const GET = route({
  name: "review.preview",
  auth: "session",
  permission: "review:run",
  query: previewSchema,
  quiet: true,
  run: async ({ query: { scope, reviewers } }) => Response.json(await previewCampaign(scope, reviewers)),
});
