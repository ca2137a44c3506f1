import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { env } from "@/lib/platform/env";
import { countMatching, listEvidence, readChosen } from "./data";
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
    return { page, sort: place.sort, filter: filterParameters(filter), chosen, problems, mayExport: allows(actor.roles, "evidence:export"), mayKeep: allows(actor.roles, "evidence:keep-question") };
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

/** Exports, the newest first, and what a new one would hold for the filter of the URL. */
export function loadExports(parameters: Parameters) {
  return loadWith("evidence:view", async (actor) => {
    const { filter, problems } = readFilter(parameters);
    const query = exportListSchema.parse(parameters);
    const mayExport = allows(actor.roles, "evidence:export");
    const [page, matching, chosen] = await Promise.all([listExports(query, actor.personId), countMatching(filter), readChosen(filter)]);
    return { page, sort: query.sort, filter: filterParameters(filter), chosen, problems, matching, mayExport, today: new Date().toISOString().slice(0, 10), days: env.exportDays };
  });
}
