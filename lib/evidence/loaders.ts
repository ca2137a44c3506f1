import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import type { Bound } from "@/lib/auth/actor";
import { loadWith } from "@/lib/auth/session";
import { latestCheckpoint } from "@/lib/ledger/tree/proofs";
import { env } from "@/lib/platform/env";
import { recordLook } from "@/lib/auditors/looks";
import { chainWithin, isWithinBound, readChosenWithin } from "./bounded";
import { countMatching, listEvidence, readChosen } from "./data";
import { formatsFor } from "./rules";
import { chainIdSchema, evidencePageSchema, exportListSchema, filterParameters, readFilter, refusedAskEvent } from "./schema";
import { readChain } from "./views/chain";
import type { ExportRow, NamedExport } from "./types";
import { listExports, readReconciled } from "./views/exports";
import { readRefusedAsk } from "./views/refused";

type Parameters = Record<string, string | string[] | undefined>;

/** The list of evidence that a URL asks for: rows, their count, what of the URL was not understood. */
export function loadEvidence(parameters: Parameters) {
  return loadWith("evidence:view-bounded", async (actor) => {
    const { filter, problems } = readFilter(parameters);
    const place = evidencePageSchema.parse(parameters);
    const { bound } = actor;
    await recordLook(actor, { kind: "list", filter: filterParameters(filter) });
    const [page, chosen] = await Promise.all([listEvidence(filter, place, bound), bound ? readChosenWithin(filter, bound) : readChosen(filter)]);
    return { page, sort: place.sort, filter: filterParameters(filter), chosen, problems, mayExport: formatsFor(actor).length > 0, bound, mayKeep: allows(actor.roles, "evidence:keep-question") };
  });
}

/** One chain, of a request or of an ask that was refused. */
export const loadChain = cache((chainId: string) =>
  loadWith("evidence:view-bounded", async (actor) => {
    const id = chainIdSchema.safeParse(chainId);
    const { bound } = actor;
    if (!id.success || (bound && !(await isWithinBound(id.data, bound)))) notFound();
    const event = refusedAskEvent(id.data);
    const chain = event === null ? await readChain(id.data) : await readRefusedAsk(event);
    if (!chain) notFound();
    await recordLook(actor, { kind: "chain", subjectId: id.data });
    return bound ? chainWithin(chain, bound) : chain;
  }),
);

const idKeys = ["identity", "entitlement", "system", "requester", "approver"] as const;
const idsOf = (filter: ExportRow["filter"], key: (typeof idKeys)[number]) => filter[key]?.split(",") ?? [];

/** Exports with the names behind the ids that they were filtered by, as far as an engagement shows them. */
async function withNames(rows: readonly ExportRow[], bound: Bound | undefined): Promise<NamedExport[]> {
  const ids = Object.fromEntries(idKeys.map((key) => [key, [...new Set(rows.flatMap(({ filter }) => idsOf(filter, key)))].slice(0, 50).join(",")]));
  const { filter } = readFilter(ids);
  const { identity, entitlement, system, requester, approver } = bound ? await readChosenWithin(filter, bound) : await readChosen(filter);
  const names = new Map([identity, entitlement, system, requester, approver].flat().map(({ value, label }) => [value, label]));
  const namesOf = (row: ExportRow) => idKeys.flatMap((key) => idsOf(row.filter, key)).flatMap((id) => [[id, names.get(id)] as const]);
  return rows.map((row) => ({ ...row, named: Object.fromEntries(namesOf(row).filter((pair): pair is [string, string] => pair[1] !== undefined)) }));
}

/** Exports, the newest first, and what a new one would hold for the filter of the URL. */
export function loadExports(parameters: Parameters) {
  return loadWith("evidence:view-bounded", async (actor) => {
    const { filter, problems } = readFilter(parameters);
    const query = exportListSchema.parse(parameters);
    const { bound } = actor;
    const [page, matching, chosen, reconciled] = await Promise.all([
      listExports(query, actor), countMatching(filter, bound), bound ? readChosenWithin(filter, bound) : readChosen(filter), bound ? null : readReconciled(actor.personId),
    ]);
    const rows = await withNames(page.rows, bound);
    return { reconciled, page: { ...page, rows }, sort: query.sort, filter: filterParameters(filter), chosen, problems, matching, formats: formatsFor(actor), bound, today: new Date().toISOString().slice(0, 10), days: env.exportDays };
  });
}

/** The newest checkpoint, below which a sample is drawn; null before the first. */
export function loadSampling() {
  return loadWith("evidence:sample", async () => {
    const checkpoint = await latestCheckpoint();
    return checkpoint && { size: checkpoint.size.toString(), root: Buffer.from(checkpoint.root).toString("base64"), signedAt: checkpoint.signedAt.toISOString() };
  });
}
