import "server-only";
import { db } from "@/lib/db/client";
import { noUseOf } from "@/lib/uses/rules";
import { readCoverage, usedScope } from "@/lib/uses/data";
import type { Prisma } from "@/lib/db/generated/client";
import type { GrantChain, ToldBy, UseView } from "./chain-types";

const mostUses = 20;
const sourceSelect = { select: { name: true, kind: true, clockOffsetMs: true } } as const;

type Grant = {
  readonly id: string; readonly systemId: string; readonly issueStartedAt: Date | null; readonly activatedAt: Date | null; readonly acceptedAt: Date | null;
  readonly provenAt: Date | null; readonly closedAt: Date | null; readonly firstUseAt: Date | null; readonly lastUseAt: Date | null;
};

function toldBy({ name, kind, clockOffsetMs }: { readonly name: string; readonly kind: string; readonly clockOffsetMs: number }): ToldBy {
  return { name, kind: kind === "log" ? "log" : "polled", offsetMs: clockOffsetMs };
}

type UseRow = Prisma.UseGetPayload<{ include: { sourceOf: typeof sourceSelect } }>;

function useOf({ id, kind, principal, action, objects, outcome, match, rule, clientAddress, isLate, startedAt, lastSeenAt, endedAt, sourceOf }: UseRow): UseView {
  return {
    id, kind, principal, action, objects, outcome, rule, clientAddress, isLate,
    match: match ?? "not matched",
    source: toldBy(sourceOf),
    startedAt: startedAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}

/** The source whose use stands at a link; a log before a look, since a log has the very moment. */
async function readTeller(grantId: string, place: { readonly startedAt: Date } | { readonly until: Date | null }): Promise<ToldBy | undefined> {
  const counted = { grantId, outcome: "allowed", match: { not: "inferred" } };
  const until = "until" in place ? place.until : null;
  const where: Prisma.UseWhereInput = "startedAt" in place
    ? { ...counted, startedAt: place.startedAt }
    : until === null ? counted : { ...counted, OR: [{ lastSeenAt: until }, { endedAt: until }] };
  const row = await db.use.findFirst({ where, include: { sourceOf: sourceSelect }, orderBy: [{ sourceOf: { kind: "asc" } }, { startedAt: "desc" }, { id: "asc" }] });
  return row ? toldBy(row.sourceOf) : undefined;
}

/** What of a grant's facts comes from its uses. */
export type UsedFacts = Pick<GrantChain, "uses" | "usesTotal" | "scope" | "noUse" | "firstToldBy" | "lastToldBy">;

/** What is known of a grant's uses: the newest of every source, who told of the first and the last, what was reached, and what may be said where there is none. */
export async function readUsed(grants: readonly Grant[]): Promise<ReadonlyMap<string, UsedFacts>> {
  const coverage = await readCoverage(grants.map(({ systemId }) => systemId));
  const used = await Promise.all(
    grants.map(async (grant) => {
      const [rows, usesTotal, scope, firstToldBy, lastToldBy] = await Promise.all([
        db.use.findMany({ where: { grantId: grant.id }, include: { sourceOf: sourceSelect }, orderBy: [{ startedAt: "desc" }, { id: "desc" }], take: mostUses }),
        db.use.count({ where: { grantId: grant.id } }),
        usedScope(grant.id),
        grant.firstUseAt === null ? undefined : readTeller(grant.id, { startedAt: grant.firstUseAt }),
        grant.lastUseAt === null ? undefined : readTeller(grant.id, { until: grant.lastUseAt }),
      ]);
      return [grant.id, { uses: rows.map(useOf), usesTotal, scope, noUse: noUseOf(coverage.get(grant.systemId) ?? [], grant), firstToldBy, lastToldBy }] as const;
    }),
  );
  return new Map(used);
}
