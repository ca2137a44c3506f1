import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { readByIndex } from "@/lib/db/by-index";
import { db } from "@/lib/db/client";
import type { CursorPlace } from "@/lib/db/cursor";
import { Prisma } from "@/lib/db/generated/client";
import { type KeysetRange, readKeysetPage } from "@/lib/db/keyset";
import type { Page } from "@/lib/platform/page";
import { areFew, countIdentities, expectCount } from "./counts";
import { parseIdentityKind, parseIdentityState } from "../data";
import { filterOnOrder, identityFilter, isEverything } from "../query";
import { type IdentityFilter, type IdentityListQuery, type IdentitySort, withoutReach } from "./list-schema";
import type { FilterNames, IdentityCard, IdentityRow } from "./list-types";

const pageSize = 50;
/** Rows that are looked at in the list's order before the filter's own indexes are asked. */
const window = 4_000;

type Order = { readonly column: Prisma.Sql; readonly type: "text" | "number" | "time"; readonly nullable: boolean };

const text = (column: Prisma.Sql, nullable = false): Order => ({ column, type: "text", nullable });
const number = (column: Prisma.Sql, nullable = false): Order => ({ column, type: "number", nullable });

/** The column that each order sorts by; each has an index with the id behind it. */
const orders = {
  name: text(Prisma.sql`i.sort_name`),
  kind: text(Prisma.sql`i.kind`),
  environment: text(Prisma.sql`i.environment`),
  state: text(Prisma.sql`i.state`),
  owner: text(Prisma.sql`i.sort_owner`, true),
  team: text(Prisma.sql`i.sort_team`, true),
  system: text(Prisma.sql`i.sort_system`, true),
  lastActive: { column: Prisma.sql`i.last_active_at`, type: "time", nullable: true },
  staleness: number(Prisma.sql`i.staleness`, true),
  exposure: number(Prisma.sql`i.exposure`, true),
  firstSeen: { column: Prisma.sql`i.first_seen_at`, type: "time", nullable: false },
  credentials: number(Prisma.sql`i.credential_count`),
  entitlements: number(Prisma.sql`i.entitlement_count`),
} satisfies Record<IdentitySort, Order>;

/** The column that a list is sorted by, over `identities i`. */
export function sortedBy(key: IdentitySort): Prisma.Sql {
  return orders[key].column;
}

type RawRow = {
  id: string; name: string; kind: string; environment: string; state: string; tags: string[]; vendor: string | null; is_shared: boolean;
  last_active_at: Date | null; visible_since: Date | null; first_seen_at: Date; vanished_at: Date | null;
  staleness: number | null; exposure: number | null; credential_count: number; entitlement_count: number; standing_count: number;
  owner_id: string | null; owner_name: string | null; owner_left_at: Date | null;
  sponsor_id: string | null; sponsor_name: string | null; sponsor_left_at: Date | null;
  team_name: string | null; system_name: string | null; place: string | number | Date | null;
  /** How many the filter leaves, where all of them were read. */
  total?: number;
};

const shownColumns = Prisma.sql`
  i.id, i.name, i.kind, i.environment, i.state, i.tags, i.vendor, i.is_shared, i.last_active_at, i.visible_since, i.first_seen_at, i.vanished_at,
  i.staleness, i.exposure, i.credential_count, i.entitlement_count, i.standing_count, i.owner_id, i.sponsor_id, i.team_id, i.system_id`;

const namesOfOthers = Prisma.sql`
  o.name as owner_name, o.left_at as owner_left_at, sp.name as sponsor_name, sp.left_at as sponsor_left_at, t.name as team_name, s.name as system_name`;

const others = Prisma.sql`
  left join people o on o.id = i.owner_id left join people sp on sp.id = i.sponsor_id left join teams t on t.id = i.team_id left join systems s on s.id = i.system_id`;

function answererOf(id: string | null, name: string | null, leftAt: Date | null) {
  return id === null || name === null ? null : { id, name, hasLeft: leftAt !== null };
}

function rowOf(row: RawRow): IdentityRow {
  return {
    id: row.id,
    name: row.name,
    kind: parseIdentityKind(row.kind),
    environment: row.environment,
    state: parseIdentityState(row.state),
    owner: answererOf(row.owner_id, row.owner_name, row.owner_left_at),
    sponsor: answererOf(row.sponsor_id, row.sponsor_name, row.sponsor_left_at),
    team: row.team_name,
    system: row.system_name,
    tags: row.tags,
    vendor: row.vendor,
    lastActiveAt: row.last_active_at?.toISOString() ?? null,
    visibleSince: row.visible_since?.toISOString() ?? null,
    firstSeenAt: row.first_seen_at.toISOString(),
    vanishedAt: row.vanished_at?.toISOString() ?? null,
    isShared: row.is_shared,
    staleness: row.staleness,
    credentials: row.credential_count,
    reach: { exposure: row.exposure, entitlements: row.entitlement_count, standing: row.standing_count },
  };
}

/** The value of a place in an order; undefined where a cursor holds what cannot stand there (attacker-controlled). */
function placeValue({ type }: Order, value: CursorPlace["value"]): Prisma.Sql | undefined {
  if (type === "text") return typeof value === "string" ? Prisma.sql`${value}` : undefined;
  if (type === "number") return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 31 ? Prisma.sql`${value}::int` : undefined;
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value)) ? Prisma.sql`${new Date(value)}` : undefined;
}

/** Where a stretch is looked for: in the table, or among rows that were read already. */
const inTable = (by: Order) => ({ place: by.column, id: Prisma.sql`i.id` });
const amongRead = { place: Prisma.sql`place`, id: Prisma.sql`id` };

/** The rows of one stretch behind a place, as a condition: one range of the order's index. */
function rangeOf(by: Order, { values, from, order }: KeysetRange, { place, id }: typeof amongRead): Prisma.Sql {
  const beyond = order === "asc" ? Prisma.sql`>` : Prisma.sql`<`;
  if (values === "absent") return from ? Prisma.sql`${place} is null and ${id} ${beyond} ${from.id}::uuid` : Prisma.sql`${place} is null`;
  const value = from ? placeValue(by, from.value) : undefined;
  if (from && value) return Prisma.sql`(${place}, ${id}) ${beyond} (${value}, ${from.id}::uuid)`;
  return by.nullable ? Prisma.sql`${place} is not null` : Prisma.sql`true`;
}

/** A statement for the shown rows of a stretch; `chosen` picks their ids and places in order. */
function shown(chosen: Prisma.Sql, way: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`select i.*, ${namesOfOthers} from (${chosen}) i ${others} order by i.place ${way}, i.id ${way}`;
}

/** What a list is asked for, and which of the two ways of reading it is the cheaper one. */
type Reading = { readonly key: IdentitySort; readonly filter: IdentityFilter; readonly isFew: boolean };

/** Reads along the order's index, as far as the rows of one page or the window reach. */
function alongOrder({ key, filter }: Reading, range: KeysetRange): Prisma.Sql {
  const by = orders[key];
  const way = range.order === "asc" ? Prisma.sql`asc` : Prisma.sql`desc`;
  const sorted = Prisma.sql`order by ${by.column} ${way}, i.id ${way}`;
  const inRange = Prisma.sql`${rangeOf(by, range, inTable(by))} and ${filterOnOrder(filter, key)}`;
  if (isEverything(filter)) {
    return shown(Prisma.sql`select ${shownColumns}, ${by.column} as place from identities i where ${inRange} ${sorted} limit ${range.take}::int`, way);
  }
  const near = Prisma.sql`select * from identities i where ${inRange} ${sorted} limit ${window}::int`;
  return shown(Prisma.sql`select ${shownColumns}, ${by.column} as place from (${near}) i where ${identityFilter(filter)} ${sorted} limit ${range.take}::int`, way);
}

/**
 * Reads what the filter leaves by its own indexes, then sorts it. Where these are few, all of them are read, which also
 * tells their number.
 */
function byFilter({ key, filter, isFew }: Reading, range: KeysetRange): Prisma.Sql {
  const by = orders[key];
  const way = range.order === "asc" ? Prisma.sql`asc` : Prisma.sql`desc`;
  const all = Prisma.sql`select i.id, ${by.column} as place from identities i where ${identityFilter(filter)}`;
  const behind = Prisma.sql`${all} and ${rangeOf(by, range, inTable(by))}`;
  return shown(
    Prisma.sql`
      with left_over as materialized (${isFew ? all : behind}),
      page as (select id, place from left_over where ${isFew ? rangeOf(by, range, amongRead) : Prisma.sql`true`} order by place ${way}, id ${way} limit ${range.take}::int)
      select ${shownColumns}, page.place ${isFew ? Prisma.sql`, (select count(*)::int from left_over) as total` : Prisma.empty} from page join identities i on i.id = page.id`,
    way,
  );
}

/**
 * One stretch of the list. What leaves few is read by its own indexes. For the rest: look along the order for a while, and
 * where that does not fill the page (what is expected can be wrong, and what is frequent can all lie elsewhere), ask the
 * filter's indexes after all. So a frequent and a rare filter cost about the same, at any size.
 */
async function readStretch(reading: Reading, range: KeysetRange): Promise<RawRow[]> {
  if (!reading.isFew) {
    const near = await db.$queryRaw<RawRow[]>(alongOrder(reading, range));
    if (near.length >= range.take || isEverything(reading.filter)) return near;
  }
  return readByIndex<RawRow>(byFilter(reading, range));
}

/** One page of identities, with the number of all that the filter leaves. */
export async function listIdentities(query: IdentityListQuery): Promise<Page<IdentityRow>> {
  const by = orders[query.sort.key];
  const expected = await expectCount(query);
  const reading = { key: query.sort.key, filter: query, isFew: areFew(expected) && !isEverything(query) };
  let told: number | undefined;
  const page = await readKeysetPage<RawRow>({
    sort: query.sort,
    after: query.after,
    before: query.before,
    size: pageSize,
    nullable: by.nullable,
    placeOf: ({ id, place }): CursorPlace => ({ id, value: place instanceof Date ? place.toISOString() : place }),
    read: async (range) => {
      const rows = await readStretch(reading, range);
      told ??= rows[0]?.total;
      return rows;
    },
  });
  const isWhole = page.next === null && page.previous === null;
  const counted = isWhole ? page.rows.length : told;
  const total = counted === undefined ? await countIdentities(query, expected) : { count: counted, capped: false };
  return { rows: page.rows.map(rowOf), next: page.next, previous: page.previous, total };
}

/** Reach is for auditors and administrators, and for owners where they look at what is theirs only. */
export function maySeeReach(actor: PersonActor, { owner }: Pick<IdentityFilter, "owner">): boolean {
  return allows(actor.roles, "identity:view-reach") || (owner.length === 1 && owner[0] === actor.personId);
}

/** The query as far as this person may ask it. */
export function asPersonMayAsk<Query extends IdentityFilter>(actor: PersonActor, query: Query): Query {
  return maySeeReach(actor, query) ? query : withoutReach(query);
}

/** One page of identities as one person sees it: reach only on their own side, unless they may see all of it. */
export async function listForPerson(actor: PersonActor, asked: IdentityListQuery): Promise<Page<IdentityRow>> {
  const page = await listIdentities(asPersonMayAsk(actor, asked));
  return { ...page, rows: page.rows.map((row) => asPersonSees(actor, row, [row.owner, row.sponsor])) };
}

function asPersonSees<Row extends IdentityRow>(actor: PersonActor, row: Row, side: readonly (IdentityRow["owner"])[]): Row {
  const sees = allows(actor.roles, "identity:view-reach") || side.some((person) => person?.id === actor.personId);
  return sees ? row : { ...row, reach: null };
}

/** One identity as it stands beside the list; null where there is none. */
export async function readCard(actor: PersonActor, identityId: string): Promise<IdentityCard | null> {
  const chosen = Prisma.sql`select ${shownColumns}, i.sort_name as place from identities i where i.id = ${identityId}::uuid`;
  const [rows, more] = await Promise.all([
    db.$queryRaw<RawRow[]>(shown(chosen, Prisma.sql`asc`)),
    db.identity.findUnique({ where: { id: identityId }, select: { description: true, backup: { select: { id: true, name: true, leftAt: true } } } }),
  ]);
  const [row] = rows;
  if (!row || !more) return null;
  const { description, backup } = more;
  const card = { ...rowOf(row), description, backup: backup ? answererOf(backup.id, backup.name, backup.leftAt) : null };
  return asPersonSees(actor, card, [card.owner, card.sponsor, card.backup]);
}

/** The first ids of a filtered list in its order, for selecting them all. */
export async function listIds(query: IdentityListQuery, most: number): Promise<string[]> {
  const { key, direction } = query.sort;
  const reading = { key, filter: query, isFew: areFew(await expectCount(query)) && !isEverything(query) };
  const ids: string[] = [];
  for (const values of orders[key].nullable ? (["present", "absent"] as const) : (["present"] as const)) {
    const take = most - ids.length;
    if (take > 0) ids.push(...(await readStretch(reading, { values, from: null, order: direction, take })).map(({ id }) => id));
  }
  return ids;
}

/** Names of the persons, teams and systems that a filter names, for its chips. */
export async function readFilterNames(filter: IdentityFilter): Promise<FilterNames> {
  const ids = [...filter.owner, ...filter.sponsor, ...filter.team, ...filter.system].filter((id) => id !== "none");
  if (ids.length === 0) return {};
  const rows = await db.$queryRaw<{ id: string; name: string }[]>`
    select id, name from people where id = any(${ids}::uuid[]) union all select id, name from teams where id = any(${ids}::uuid[])
    union all select id, name from systems where id = any(${ids}::uuid[])`;
  return Object.fromEntries(rows.map(({ id, name }) => [id, name]));
}
