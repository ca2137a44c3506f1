import "server-only";
import type { CursorPlace } from "@/lib/db/cursor";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import { behind, type KeysetRange, readKeysetPage } from "@/lib/db/keyset";
import { literally } from "@/lib/db/like";
import { AppError } from "@/lib/platform/errors";
import type { CappedCount } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import type { IdentityListQuery } from "./schema";
import { type IdentityFacets, type IdentityKind, identityKinds, type IdentityRow, type IdentityState, identityStates } from "./types";

const pageSize = 50;
const countLimit = 10_000;
const facetLimit = 50;
const facetSample = 1_000;

/** Parses a kind column; an unknown kind is a fault. */
export function parseIdentityKind(text: string): IdentityKind {
  const known = identityKinds.find((kind) => kind === text);
  if (!known) throw new AppError("integrity", `unknown kind of identity ${text}`);
  return known;
}

/** Parses a state column; an unknown state is a fault. */
export function parseIdentityState(text: string): IdentityState {
  const known = identityStates.find((state) => state === text);
  if (!known) throw new AppError("integrity", `unknown state of identity ${text}`);
  return known;
}

function whereOf(query: IdentityListQuery): Prisma.IdentityWhereInput {
  const owners = query.owner.filter((id) => id !== "none");
  const nobody = query.owner.includes("none");
  return {
    ...(query.q ? { name: { contains: literally(query.q), mode: "insensitive" } } : {}),
    ...(query.kind.length > 0 ? { kind: { in: query.kind } } : {}),
    ...(query.state.length > 0 ? { state: { in: query.state } } : {}),
    ...(query.environment.length > 0 ? { environment: { in: query.environment } } : {}),
    ...(query.owner.length > 0
      ? { OR: [...(owners.length > 0 ? [{ ownerId: { in: owners } }] : []), ...(nobody ? [{ ownerId: null }] : [])] }
      : {}),
  };
}

const rowSelect = {
  id: true, name: true, kind: true, environment: true, state: true, lastActiveAt: true, visibleSince: true, vanishedAt: true,
  owner: { select: { id: true, name: true, leftAt: true } },
  team: { select: { name: true } },
  system: { select: { name: true } },
} as const satisfies Prisma.IdentitySelect;

type SelectedRow = Prisma.IdentityGetPayload<{ select: typeof rowSelect }>;

function rowOf(row: SelectedRow): IdentityRow {
  return {
    id: row.id,
    name: row.name,
    kind: parseIdentityKind(row.kind),
    environment: row.environment,
    state: parseIdentityState(row.state),
    owner: row.owner ? { id: row.owner.id, name: row.owner.name, hasLeft: row.owner.leftAt !== null } : null,
    team: row.team?.name ?? null,
    system: row.system?.name ?? null,
    lastActiveAt: row.lastActiveAt?.toISOString() ?? null,
    visibleSince: row.visibleSince?.toISOString() ?? null,
    vanishedAt: row.vanishedAt?.toISOString() ?? null,
  };
}

type Stretch = { where: Prisma.IdentityWhereInput; orderBy: Prisma.IdentityOrderByWithRelationInput[]; take: number };

/** Rows behind a place by name. */
function byName({ from, order, take }: KeysetRange): Stretch {
  const bounds = from ? behind(order, String(from.value), from.id) : null;
  const where: Prisma.IdentityWhereInput = bounds
    ? { AND: [{ name: bounds.edge }, { OR: [{ name: bounds.beyond }, { id: bounds.id }] }] }
    : {};
  return { where, orderBy: [{ name: order }, { id: order }], take };
}

/** Rows behind a place by last activity; those never seen active are a stretch of their own. */
function byLastActive({ values, from, order, take }: KeysetRange): Stretch {
  const orderBy: Prisma.IdentityOrderByWithRelationInput[] = [{ lastActiveAt: order }, { id: order }];
  if (values === "absent") {
    const beyond = from ? { id: behind(order, null, from.id).id } : {};
    return { where: { lastActiveAt: null, ...beyond }, orderBy, take };
  }
  const at = from ? new Date(String(from.value)) : null;
  // Attacker-controlled: a cursor may hold a text that is no date.
  if (at && Number.isNaN(at.getTime())) return { where: { lastActiveAt: { not: null } }, orderBy, take };
  const bounds = from && at ? behind(order, at, from.id) : null;
  const where: Prisma.IdentityWhereInput = bounds
    ? { AND: [{ lastActiveAt: bounds.edge }, { OR: [{ lastActiveAt: bounds.beyond }, { id: bounds.id }] }] }
    : { lastActiveAt: { not: null } };
  return { where, orderBy, take };
}

/** One page of identities. */
export async function listIdentities(query: IdentityListQuery): Promise<Page<IdentityRow>> {
  const where = whereOf(query);
  const isByName = query.sort.key === "name";
  const page = await readKeysetPage<SelectedRow>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    nullable: !isByName,
    placeOf: (row): CursorPlace => ({ id: row.id, value: isByName ? row.name : (row.lastActiveAt?.toISOString() ?? null) }),
    read: (range) => {
      const stretch = isByName ? byName(range) : byLastActive(range);
      return db.identity.findMany({ ...stretch, where: { AND: [where, stretch.where] }, select: rowSelect });
    },
  });
  return { rows: page.rows.map(rowOf), next: page.next, previous: page.previous, total: await countIdentities(where) };
}

async function countIdentities(where: Prisma.IdentityWhereInput): Promise<CappedCount> {
  const found = await db.identity.count({ where, take: countLimit + 1 });
  return { count: Math.min(found, countLimit), capped: found > countLimit };
}

/**
 * Environments and owners that identities have, for the filters. Environments are those of the systems and of a thousand
 * identities: nothing is read whole for a menu (Prisma's `distinct` would read every row).
 */
export async function readIdentityFacets(): Promise<IdentityFacets> {
  const [environments, owners] = await Promise.all([
    db.$queryRaw<{ environment: string }[]>`
      select environment from systems
      union select environment from (select environment from identities limit ${facetSample}::int) sample
      order by environment limit ${facetLimit}::int`,
    db.person.findMany({ where: { owned: { some: {} } }, select: { id: true, name: true }, orderBy: [{ name: "asc" }, { id: "asc" }], take: facetLimit }),
  ]);
  return { environments: environments.map(({ environment }) => environment), owners };
}

/** Identities whose name holds a text, those that start with it first. */
export async function findIdentities(text: string, most: number) {
  const select = { id: true, name: true, kind: true, environment: true } as const;
  const starting = await db.identity.findMany({
    where: { name: { startsWith: literally(text), mode: "insensitive" } }, select, orderBy: [{ name: "asc" }, { id: "asc" }], take: most,
  });
  if (starting.length === most) return starting;
  const holding = await db.identity.findMany({
    where: { name: { contains: literally(text), mode: "insensitive" }, id: { notIn: starting.map(({ id }) => id) } },
    select, orderBy: [{ name: "asc" }, { id: "asc" }], take: most - starting.length,
  });
  return [...starting, ...holding];
}
