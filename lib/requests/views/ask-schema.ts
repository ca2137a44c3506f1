import * as z from "zod";
import { searchText } from "@/lib/platform/list-query";
import { previewSchema } from "../schema";

/** An ask that is still being written: whatever is filled in so far is judged as `previewSchema` says. */
export const askDraftSchema = previewSchema.partial();
export type AskDraft = z.output<typeof askDraftSchema>;

/** What somebody types to find an identity or an entitlement. */
export const optionSearchSchema = z.object({ q: searchText() });

/** What a link to the form may fill in beforehand; what does not fit is left out. */
export const askLinkSchema = z.object({
  identity: z.guid().optional().catch(undefined),
  entitlement: z.guid().optional().catch(undefined),
  /** A request of one's own: whose live session goes on, that was denied, or that is asked once more. */
  extends: z.guid().optional().catch(undefined),
  after: z.guid().optional().catch(undefined),
  like: z.guid().optional().catch(undefined),
  /** A template that one may use. */
  template: z.guid().optional().catch(undefined),
});
