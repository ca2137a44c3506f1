import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { controlsCalled, slugOf } from "@/lib/controls/rules";
import { listFindings } from "./data";
import { canBeSeen } from "./rules";
import { findingListSchema } from "./schema";
import type { FindingRow, LinkedFinding } from "./types";

/** The page of a control that a finding names by id, be it an older or another spelling; null where no catalogue knows it. */
function slugOfControl(id: string): string | null {
  const [called] = controlsCalled(id);
  return called ? slugOf(called.catalogue.key, called.control.id) : null;
}

type Reader = { readonly maySeeEvidence: boolean; readonly maySeeSource: boolean; readonly maySee: boolean };

function linked(row: FindingRow, { maySeeEvidence, maySeeSource, maySee }: Reader): LinkedFinding {
  const can = canBeSeen({ ...row, seenAt: row.seen });
  return { ...row, maySeeSource, maySee: maySee && can, chainId: maySeeEvidence ? row.requestId : null, controlLinks: row.controls.map((id) => ({ id, slug: maySeeEvidence ? slugOfControl(id) : null })) };
}

/** The findings that a URL asks for: all of them for auditors and administrators, else those of identities one answers for. */
export function loadFindings(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("finding:view", async (actor) => {
    // What is open is what somebody must look at; the rest is one click away.
    const query = findingListSchema.parse({ state: "open", ...parameters });
    const seesAll = allows(actor.roles, "identity:view-reach");
    const page = await listFindings(seesAll ? { of: "all" } : { of: "owner-side", personId: actor.personId }, query);
    const reader = { maySeeEvidence: allows(actor.roles, "evidence:view"), maySeeSource: allows(actor.roles, "source:view"), maySee: allows(actor.roles, "finding:see") };
    return { page: { ...page, rows: page.rows.map((row) => linked(row, reader)) }, sort: query.sort, seesAll };
  });
}
