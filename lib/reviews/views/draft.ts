import "server-only";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { previewPopulation } from "../population";
import { reviewerRoles, type ReviewerRole } from "../types";
import type { CampaignDraft, CampaignPreview } from "./draft-types";

const mostViews = 50;

/** What the page of a new campaign starts with: views to choose from, and whom this one would ask. */
export async function readCampaignDraft(personId: string, scope: string): Promise<CampaignDraft> {
  const views = await db.savedView.findMany({
    where: { list: "identities", OR: [{ personId }, { isShared: true }] },
    select: { id: true, name: true, query: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: mostViews,
  });
  return { scope, views, preview: await previewPopulation(db, scope, reviewerRoles), idempotencyKey: newId() };
}

/** Whom a campaign over a filter would ask. */
export function previewCampaign(scope: string, reviewers: readonly ReviewerRole[]): Promise<CampaignPreview> {
  return previewPopulation(db, scope, reviewers);
}
