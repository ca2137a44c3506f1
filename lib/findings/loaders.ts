import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { listFindings } from "./data";
import { findingListSchema } from "./schema";

/** The findings that a URL asks for: all of them for auditors and administrators, else those of identities one answers for. */
export function loadFindings(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("finding:view", async (actor) => {
    // What is open is what somebody must look at; the rest is one click away.
    const query = findingListSchema.parse({ state: "open", ...parameters });
    const seesAll = allows(actor.roles, "identity:view-reach");
    const page = await listFindings(seesAll ? { of: "all" } : { of: "owner-side", personId: actor.personId }, query);
    return { page, sort: query.sort, seesAll };
  });
}
