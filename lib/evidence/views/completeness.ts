import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { StoredEvent } from "@/lib/ledger/read";
import { sourcePlace, sealStateOf } from "../rules";
import type { SealSource, SealView } from "./chain-types";

const mostSources = 100;
const brokenSchema = z.object({ sourceId: z.string() });

type Grant = { readonly systemId: string; readonly activatedAt: Date | null; readonly provenAt: Date | null; readonly closedAt: Date | null };

/** When everything on a system was over, by the latest of its grants; null while one lives. */
function endsOf(grants: readonly Grant[]): ReadonlyMap<string, Date | null> {
  const ends = new Map<string, Date | null>();
  for (const { systemId, activatedAt, provenAt, closedAt } of grants) {
    if (activatedAt === null) continue;
    const end = provenAt ?? closedAt;
    const known = ends.get(systemId);
    ends.set(systemId, end === null || known === null ? null : known === undefined || end > known ? end : known);
  }
  return ends;
}

async function readSealSources(grants: readonly Grant[]): Promise<{ readonly sources: SealSource[]; readonly hasNoSources: boolean }> {
  const ends = endsOf(grants);
  const rows = await db.source.findMany({
    where: { systemId: { in: [...ends.keys()] }, closedAt: null },
    select: { id: true, name: true, kind: true, systemId: true, watermark: true, lagSeconds: true, system: { select: { name: true } } },
    orderBy: [{ system: { name: "asc" } }, { kind: "asc" }, { name: "asc" }],
    take: mostSources,
  });
  const sources = rows.map(({ systemId, system, kind, watermark, ...source }): SealSource => {
    const end = ends.get(systemId) ?? null;
    const neededAt = end && new Date(end.getTime() + source.lagSeconds * 1_000);
    return {
      ...source,
      kind: kind === "log" ? "log" : "polled",
      system: system.name,
      watermark: watermark?.toISOString() ?? null,
      neededAt: neededAt?.toISOString() ?? null,
      state: sourcePlace(watermark, neededAt),
    };
  });
  return { sources, hasNoSources: [...ends.keys()].some((id) => !rows.some(({ systemId }) => systemId === id)) };
}

/** Which source broke the seal, as the event says. */
async function readBreaker(events: readonly StoredEvent[]): Promise<string | null> {
  const data = brokenSchema.safeParse(events.findLast(({ type }) => type === "chain.seal-broken")?.data).data;
  return data ? ((await db.source.findUnique({ where: { id: data.sourceId }, select: { name: true } }))?.name ?? null) : null;
}

/** Whether everything of a chain has been reported, and by which source how far; null until Curfew has looked at it. */
export async function readSeal(requestId: string, grants: readonly Grant[], events: readonly StoredEvent[]): Promise<SealView | null> {
  const check = await db.chainCheck.findUnique({ where: { requestId } });
  if (!check) return null;
  const [{ sources, hasNoSources }, brokenBy] = await Promise.all([readSealSources(grants), check.brokenAt ? readBreaker(events) : null]);
  return {
    state: sealStateOf(check),
    sealedAt: check.sealedAt?.toISOString() ?? null,
    brokenAt: check.brokenAt?.toISOString() ?? null,
    brokenBy,
    openUntil: check.openUntil?.toISOString() ?? null,
    waitsFor: check.waitsFor,
    sources,
    hasNoSources,
  };
}
