import "server-only";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, readKeysetPage } from "@/lib/db/keyset";
import { literally } from "@/lib/db/like";
import type { Transaction } from "@/lib/db/transaction";
import { AppError } from "@/lib/platform/errors";
import type { Page } from "@/lib/platform/page";
import { privilegesSchema, type CatalogueQuery, type PrivilegeView } from "./schema";
import { sensitivities, type CatalogueRow, type HoldersView, type Sensitivity } from "./types";

/** Parses a sensitivity column; an unknown one is a fault. */
export function parseSensitivity(text: string): Sensitivity {
  const known = sensitivities.find((sensitivity) => sensitivity === text);
  if (!known) throw new AppError("integrity", `unknown sensitivity ${text}`);
  return known;
}

/** Parses what an entitlement allows, as it was last read from the target; null when it never was. */
export function parsePrivileges(json: unknown): PrivilegeView[] | null {
  return json === null ? null : privilegesSchema.parse(json);
}

const filesConnector = "files@1";

/** Whether anything can be granted on a system: not where Curfew only reads files about it. */
export async function canGrantOn(systemId: string, tx: Transaction = db): Promise<boolean> {
  const system = await tx.system.findUnique({ where: { id: systemId }, select: { connector: true } });
  return system !== null && system.connector !== filesConnector;
}

const pageSize = 25;
const countLimit = 10_000;
const holderLimit = 1_000;
const mostNames = 5;
const sort = { key: "name", direction: "asc" } as const;

const rowSelect = {
  id: true, name: true, description: true, target: true, sensitivity: true, purposes: true, maxDurationSeconds: true, requestable: true,
  privileges: true, privilegesReadAt: true,
  resourceOwner: { select: { id: true, name: true, leftAt: true } },
  resourceTeam: { select: { id: true, name: true } },
} as const satisfies Prisma.EntitlementSelect;

type SelectedRow = Prisma.EntitlementGetPayload<{ select: typeof rowSelect }>;

/** One page of what a system offers, by name, with who holds it. */
export async function listCatalogue(systemId: string, query: CatalogueQuery): Promise<Page<CatalogueRow>> {
  const holds = { contains: literally(query.q), mode: "insensitive" as const };
  const where: Prisma.EntitlementWhereInput = { systemId, ...(query.q ? { OR: [{ name: holds }, { description: holds }] } : {}) };
  const page = await readKeysetPage<SelectedRow>({
    sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    placeOf: (row) => ({ id: row.id, value: row.name }),
    // Names are unique within a system: no second column is needed.
    read: ({ from, order, take }) =>
      db.entitlement.findMany({ where: { AND: [where, from ? { name: behind(order, String(from.value), from.id).beyond } : {}] }, select: rowSelect, orderBy: { name: order }, take }),
  });
  const ids = page.rows.map(({ id }) => id);
  const [holders, waiting, found] = await Promise.all([readHolders(ids), readWaiting(ids), db.entitlement.count({ where, take: countLimit + 1 })]);
  const rows = page.rows.map((row) => rowOf(row, holders.get(row.id) ?? [], waiting.get(row.id) ?? null));
  return { rows, next: page.next, previous: page.previous, total: { count: Math.min(found, countLimit), capped: found > countLimit } };
}

function rowOf({ target, resourceOwner, requestable, privilegesReadAt, ...row }: SelectedRow, holders: readonly HolderRow[], waitsFor: Sensitivity | null): CatalogueRow {
  return {
    ...row,
    targetName: targetNameOf(target),
    sensitivity: parseSensitivity(row.sensitivity),
    resourceOwner: resourceOwner && { id: resourceOwner.id, name: resourceOwner.name, hasLeft: resourceOwner.leftAt !== null },
    isRequestable: requestable,
    privileges: parsePrivileges(row.privileges),
    privilegesReadAt: privilegesReadAt?.toISOString() ?? null,
    standing: holdersOf(holders, "standing"),
    granted: holdersOf(holders, "granted"),
    waitsFor,
  };
}

/** Connectors name it under different keys; where it is connected to is not its name. */
function targetNameOf(target: Prisma.JsonValue): string | null {
  if (typeof target !== "object" || target === null) return null;
  const [name] = Object.entries(target).flatMap(([key, value]) => (key !== "database" && typeof value === "string" ? [value] : []));
  return name ?? null;
}

type HolderRow = { entitlement_id: string; kind: string; count: bigint; names: { id: string; name: string; excepted: boolean }[] };

/** Of each entitlement the first holders by name, and how many there are; one question for the page. */
async function readHolders(ids: readonly string[]): Promise<Map<string, HolderRow[]>> {
  const rows = await db.$queryRaw<HolderRow[]>`
    select w.id as entitlement_id, k.kind,
      (select count(*) from (select 1 from assignments a where a.entitlement_id = w.id and a.ended_at is null and a.kind = k.kind limit ${holderLimit + 1}::int) c) as count,
      coalesce((select jsonb_agg(n) from (
        select i.id, i.name, exists (select 1 from standing_exceptions x where x.assignment_id = h.id and x.ended_at is null) as excepted
        from (select a.id, a.identity_id from assignments a where a.entitlement_id = w.id and a.ended_at is null and a.kind = k.kind order by a.id limit ${mostNames}::int) h
        join identities i on i.id = h.identity_id order by i.name, i.id) n), '[]') as names
    from unnest(${[...ids]}::uuid[]) w(id) cross join (values ('standing'), ('granted')) k(kind)`;
  const grouped = new Map<string, HolderRow[]>();
  for (const row of rows) grouped.set(row.entitlement_id, [...(grouped.get(row.entitlement_id) ?? []), row]);
  return grouped;
}

function holdersOf(rows: readonly HolderRow[], kind: "standing" | "granted"): HoldersView {
  const row = rows.find((candidate) => candidate.kind === kind);
  const count = Number(row?.count ?? 0);
  return {
    count: Math.min(count, holderLimit),
    isCapped: count > holderLimit,
    names: (row?.names ?? []).map(({ id, name, excepted }) => ({ id, name, hasException: excepted })),
  };
}

/** Lower sensitivities that wait for a second administrator. */
async function readWaiting(ids: readonly string[]): Promise<Map<string, Sensitivity>> {
  const rows = await db.$queryRaw<{ entitlement_id: string; sensitivity: string }[]>`
    select payload->>'entitlementId' as entitlement_id, payload->>'sensitivity' as sensitivity from proposals
    where kind = 'lower-sensitivity' and state = 'waiting' and payload->>'entitlementId' = any(${[...ids]}::text[])`;
  return new Map(rows.map((row) => [row.entitlement_id, parseSensitivity(row.sensitivity)]));
}
