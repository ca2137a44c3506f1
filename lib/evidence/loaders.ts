import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { listEvidence, readChosen } from "./data";
import { chainIdSchema, evidencePageSchema, exportListSchema, filterParameters, readFilter, refusedAskEvent } from "./schema";
import { readChain } from "./views/chain";
import { listExports } from "./views/exports";
import { readRefusedAsk } from "./views/refused";

type Parameters = Record<string, string | string[] | undefined>;

/** The list of evidence that a URL asks for: rows, their count, what of the URL was not understood. */
export function loadEvidence(parameters: Parameters) {
  return loadWith("evidence:view", async (actor) => {
    const { filter, problems } = readFilter(parameters);
    const place = evidencePageSchema.parse(parameters);
    const [page, chosen] = await Promise.all([listEvidence(filter, place), readChosen(filter)]);
    return { page, sort: place.sort, filter: filterParameters(filter), chosen, problems, mayExport: allows(actor.roles, "evidence:export") };
  });
}

/** One chain, of a request or of an ask that was refused. */
export const loadChain = cache((chainId: string) =>
  loadWith("evidence:view", async () => {
    const id = chainIdSchema.safeParse(chainId);
    if (!id.success) notFound();
    const event = refusedAskEvent(id.data);
    const chain = event === null ? await readChain(id.data) : await readRefusedAsk(event);
    if (!chain) notFound();
    return chain;
  }),
);

/** Past exports, the newest first. */
export function loadExports(parameters: Parameters) {
  return loadWith("evidence:view", async () => {
    const query = exportListSchema.parse(parameters);
    return { page: await listExports(query), sort: query.sort };
  });
}
