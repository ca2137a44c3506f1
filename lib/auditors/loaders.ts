import "server-only";
import { loadWith } from "@/lib/auth/session";
import { listLooks, readDigests, readEngagements, readSystemChoices } from "./data";
import { lookListSchema } from "./schema";

/** Engagements of auditors, and who looked at what. */
export function loadAuditors(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("auditor:manage", async () => {
    const query = lookListSchema.parse(parameters);
    const [engagements, systems, page, digests] = await Promise.all([readEngagements(new Date()), readSystemChoices(), listLooks(query), readDigests()]);
    return { engagements, systems, page, sort: query.sort, digests };
  });
}
