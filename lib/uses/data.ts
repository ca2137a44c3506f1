import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import type { Page } from "@/lib/platform/page";
import type { OpenSource } from "./ingest";
import type { CoveringSource } from "./rules";
import type { SourceListQuery } from "./schema";
import {
  lineProblems, matchQualities, sourceFormats, sourceKinds, useKinds, type SourceFormat, type SourceRow, type SourceView, type SourceWatermark, type UsedScope,
} from "./types";

const pageSize = 50;
const mostRejections = 50;
const mostFiles = 20;
const mostTokens = 20;
const mostSources = 100;
const mostScopeRows = 200;

const formatOf = (text: string | null): SourceFormat | null => (text === null ? null : z.enum(sourceFormats).parse(text));
const kindOf = (text: string) => z.enum(sourceKinds).parse(text);
const isoOf = (at: Date | null) => at?.toISOString() ?? null;

/** How far each open source of a system has reported. */
export async function sourceWatermarks(systemId: string): Promise<SourceWatermark[]> {
  const rows = await db.source.findMany({
    where: { systemId, closedAt: null },
    select: { id: true, name: true, watermark: true, lagSeconds: true, kind: true },
    orderBy: [{ kind: "asc" }, { name: "asc" }],
    take: mostSources,
  });
  return rows.map(({ id, kind, ...row }) => ({ sourceId: id, kind: kindOf(kind), ...row }));
}

/** What the sources of systems have covered, by system: what may be said where no use is known. Closed ones too: what they reported stays true. */
export async function readCoverage(systemIds: readonly string[]): Promise<ReadonlyMap<string, readonly CoveringSource[]>> {
  const rows = await db.source.findMany({
    where: { systemId: { in: [...new Set(systemIds)] } },
    select: { systemId: true, name: true, kind: true, coversFrom: true, watermark: true, lagSeconds: true },
    orderBy: [{ systemId: "asc" }, { name: "asc" }],
    take: mostSources * 10,
  });
  const found = new Map<string, CoveringSource[]>();
  for (const { systemId, kind, ...row } of rows) found.set(systemId, [...(found.get(systemId) ?? []), { kind: kindOf(kind), ...row }]);
  return found;
}

/** A log source that still takes lines; null where there is none. */
export async function openSource(id: string): Promise<(OpenSource & { readonly folder: string | null; readonly position: Prisma.JsonValue }) | null> {
  const row = await db.source.findFirst({
    where: { id, kind: "log", closedAt: null, system: {} },
    select: { id: true, systemId: true, format: true, lagSeconds: true, clockOffsetMs: true, coversFrom: true, watermark: true, folder: true, position: true },
  });
  const format = formatOf(row?.format ?? null);
  return row === null || format === null ? null : { ...row, format };
}

/** Sources whose files are read from a watched folder. */
export async function watchedSources(): Promise<string[]> {
  const rows = await db.source.findMany({ where: { folder: { not: null }, kind: "log", closedAt: null }, select: { id: true }, orderBy: { id: "asc" }, take: mostSources * 10 });
  return rows.map(({ id }) => id);
}

const rowSelect = {
  id: true, name: true, kind: true, format: true, isLive: true, lagSeconds: true, folder: true, coversFrom: true, watermark: true, receivedAt: true, linesRead: true,
  linesRejected: true, linesRepeated: true, usesKept: true, lastError: true, lastErrorAt: true, closedAt: true, system: { select: { id: true, name: true } },
} as const satisfies Prisma.SourceSelect;
type Selected = Prisma.SourceGetPayload<{ select: typeof rowSelect }>;

function rowOf(row: Selected, usesUnmatched: number): SourceRow {
  return {
    ...row,
    kind: kindOf(row.kind),
    format: formatOf(row.format),
    coversFrom: isoOf(row.coversFrom),
    watermark: isoOf(row.watermark),
    receivedAt: isoOf(row.receivedAt),
    linesRead: Number(row.linesRead),
    linesRejected: Number(row.linesRejected),
    linesRepeated: Number(row.linesRepeated),
    usesKept: Number(row.usesKept),
    usesUnmatched,
    lastErrorAt: isoOf(row.lastErrorAt),
    closedAt: isoOf(row.closedAt),
  };
}

const mostCounted = 10_000;

/** Uses of these sources that no session explains, each counted up to a limit. */
async function countUnmatched(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await db.$queryRaw<{ id: string; count: number }[]>`
    select s.id::text as id, (select count(*)::int from (select 1 from uses u where u.source_id = s.id and u.grant_id is null limit ${mostCounted}::int) x) as count
    from sources s where s.id = any(${[...ids]}::uuid[])`;
  return new Map(rows.map(({ id, count }) => [id, count]));
}

/** One page of sources, by name. */
export async function listSources(query: SourceListQuery): Promise<Page<SourceRow>> {
  const page = await readKeysetPage<Selected>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ value: row.name, id: row.id }),
    read: ({ from, order, take }) => {
      const bounds = from ? behind(order, String(from.value), from.id) : null;
      const where: Prisma.SourceWhereInput = bounds ? { AND: [{ name: bounds.edge }, { OR: [{ name: bounds.beyond }, { id: bounds.id }] }] } : {};
      return db.source.findMany({ where, select: rowSelect, orderBy: [{ name: order }, { id: order }], take });
    },
  });
  const unmatched = await countUnmatched(page.rows.map(({ id }) => id));
  return { rows: page.rows.map((row) => rowOf(row, unmatched.get(row.id) ?? 0)), next: page.next, previous: page.previous, total: null };
}

/** One source; null where there is none. */
export async function readSource(id: string, now: Date): Promise<SourceView | null> {
  const row = await db.source.findUnique({
    where: { id },
    select: {
      ...rowSelect,
      rejections: { orderBy: { seq: "desc" }, take: mostRejections },
      files: { orderBy: [{ startedAt: "desc" }, { id: "desc" }], take: mostFiles, include: { person: { select: { name: true } } } },
      tokens: { where: { withdrawnAt: null, expiresAt: { gt: now } }, orderBy: { createdAt: "desc" }, take: mostTokens, include: { createdBy: { select: { name: true } } } },
    },
  });
  if (!row) return null;
  const { rejections, files, tokens, ...rest } = row;
  return {
    ...rowOf(rest, (await countUnmatched([id])).get(id) ?? 0),
    rejections: rejections.map(({ seq, place, line, code, at }) => ({ seq: String(seq), place, line, code: z.enum(lineProblems).parse(code), at: at.toISOString() })),
    files: files.map(({ person, startedAt, state, ...file }) => ({
      id: file.id, name: file.name, failure: file.failure, sha256: file.sha256, linesRead: file.linesRead, linesRejected: file.linesRejected, linesRepeated: file.linesRepeated,
      usesKept: file.usesKept, sender: person.name, startedAt: startedAt.toISOString(), state: z.enum(["receiving", "complete", "interrupted", "failed"]).parse(state),
    })),
    tokens: tokens.map(({ id: tokenId, name, createdBy, expiresAt, lastUsedAt }) => ({ id: tokenId, name, maker: createdBy.name, expiresAt: expiresAt.toISOString(), lastUsedAt: isoOf(lastUsedAt) })),
  };
}

/** Systems that a source can be made for, by name. */
export async function listSystemsForSources(): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return db.system.findMany({ select: { id: true, name: true }, orderBy: { name: "asc" }, take: 500 });
}

const scopeRow = z.object({
  object: z.string().nullable(), action: z.string(), kind: z.enum(useKinds), count: z.number(), refused: z.number(), first: z.date(), last: z.date(),
  worst: z.number(), by: z.enum(["target", "text"]).nullable(), sources: z.array(z.string()),
});

/**
 * What the session of a grant reached: each object with what was done to it, how often, from when to when, and how sure it is that
 * it was this session. Connections that were only polled say nothing of that, and are left out where a log tells of connections.
 */
export async function usedScope(grantId: string): Promise<UsedScope> {
  const rows = await db.$queryRaw<unknown[]>`
    select o.object, coalesce(u.action, upper(u.kind)) as action, u.kind, count(*)::int as count, (count(*) filter (where u.outcome <> 'allowed'))::int as refused,
      min(u.started_at) as first, max(u.last_seen_at) as last, max(array_position(array['exact', 'strong', 'inferred'], u.match)) as worst,
      min(u.objects_by) as "by", array_agg(distinct s.name order by s.name) as sources
    from uses u join sources s on s.id = u.source_id left join lateral unnest(u.objects) as o(object) on true
    where u.grant_id = ${grantId}::uuid and s.kind = 'log'
    group by o.object, coalesce(u.action, upper(u.kind)), u.kind order by u.kind <> 'connection', o.object nulls last, 2 limit ${mostScopeRows + 1}::int`;
  const totals = await db.$queryRaw<{ match: string; count: number }[]>`
    select u.match, count(*)::int as count from uses u join sources s on s.id = u.source_id where u.grant_id = ${grantId}::uuid and s.kind = 'log' group by u.match`;
  const countOf = (quality: string) => totals.find(({ match }) => match === quality)?.count ?? 0;
  const byMatch = { exact: countOf("exact"), strong: countOf("strong"), inferred: countOf("inferred") };
  return {
    rows: rows.slice(0, mostScopeRows).map((row) => {
      const { worst, by, first, last, ...rest } = scopeRow.parse(row);
      return { ...rest, objectsBy: by, first: first.toISOString(), last: last.toISOString(), match: matchQualities[worst - 1] ?? "inferred" };
    }),
    hasMore: rows.length > mostScopeRows,
    total: byMatch.exact + byMatch.strong + byMatch.inferred,
    byMatch,
  };
}
