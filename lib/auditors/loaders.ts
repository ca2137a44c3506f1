import "server-only";
import { notFound } from "next/navigation";
import { loadWith } from "@/lib/auth/session";
import { listLooks, readDigests, readEngagements, readOwnEngagement, readSystemChoices } from "./data";
import { lookListSchema } from "./schema";

/** Engagements of auditors, and who looked at what. */
export function loadAuditors(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("auditor:manage", async () => {
    const query = lookListSchema.parse(parameters);
    const [engagements, systems, page, digests] = await Promise.all([readEngagements(new Date()), readSystemChoices(), listLooks(query), readDigests()]);
    return { engagements, systems, page, sort: query.sort, digests };
  });
}

/** One's own engagement, with what was looked at in it; whoever has none finds nothing here. */
export function loadOwnEngagement(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("evidence:view-bounded", async ({ bound }) => {
    if (!bound) notFound();
    const query = lookListSchema.parse(parameters);
    const [engagement, page] = await Promise.all([readOwnEngagement(bound), listLooks(query, bound.engagementId)]);
    return { engagement, page, sort: query.sort };
  });
}
