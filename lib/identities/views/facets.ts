import "server-only";
import { readByIndex } from "@/lib/db/by-index";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { literally } from "@/lib/db/like";
import { areFew, countedBy, countIdentities, countLimit, expectCount } from "./counts";
import { identityFilter, isEverything } from "../query";
import { activeBuckets, type IdentityFilter, scoreBands } from "./list-schema";
import type { FacetDimension, FacetValue } from "./list-types";

/** Values that one filter offers; with more of them, a text finds the others. */
const mostValues = 40;
const firstLook = 20_000;

/** Where the names of a dimension's values stand. */
const tableOf = { owner: "people", sponsor: "people", team: "teams", system: "systems" } as const;

type Tallied = "owner" | "team" | "tag";
type Counted = { value: string; count: number; capped?: boolean };

/** What the maintained counts call a dimension. */
const maintained: Partial<Record<FacetDimension, Prisma.Sql>> = {
  kind: Prisma.sql`c.kind`,
  state: Prisma.sql`c.state`,
  environment: Prisma.sql`c.environment`,
  source: Prisma.sql`c.source`,
  system: Prisma.sql`coalesce(c.system_id::text, 'none')`,
  vanished: Prisma.sql`case when c.is_vanished then 'yes' else 'no' end`,
};

const band = (column: Prisma.Sql) => Prisma.sql`case when ${column} is null then 'none' when ${column} >= 75 then '75-100' when ${column} >= 50 then '50-74' when ${column} >= 25 then '25-49' else '0-24' end`;

/** The value of a dimension in a row of `identities i`. */
const valueIn: Record<FacetDimension, Prisma.Sql> = {
  kind: Prisma.sql`i.kind`,
  state: Prisma.sql`i.state`,
  environment: Prisma.sql`i.environment`,
  source: Prisma.sql`i.source`,
  system: Prisma.sql`coalesce(i.system_id::text, 'none')`,
  owner: Prisma.sql`coalesce(i.owner_id::text, 'none')`,
  sponsor: Prisma.sql`coalesce(i.sponsor_id::text, 'none')`,
  team: Prisma.sql`coalesce(i.team_id::text, 'none')`,
  tag: Prisma.sql`unnest(array(select distinct unnest(i.tags)))`,
  active: Prisma.sql`case when i.last_active_at is null then 'unseen' when i.last_active_at >= now() - interval '7 days' then '7d' when i.last_active_at >= now() - interval '30 days' then '30d'
    when i.last_active_at >= now() - interval '90 days' then '90d' else 'older' end`,
  staleness: band(Prisma.sql`i.staleness`),
  exposure: band(Prisma.sql`i.exposure`),
  standing: Prisma.sql`case when i.standing_count > 0 then 'yes' else 'no' end`,
  shared: Prisma.sql`case when i.is_shared then 'yes' else 'no' end`,
  vanished: Prisma.sql`case when i.vanished_at is null then 'no' else 'yes' end`,
};

/** Dimensions whose values each have a short range of an index of their own. */
const ranges: Partial<Record<FacetDimension, readonly string[]>> = {
  active: activeBuckets, staleness: scoreBands, exposure: scoreBands, standing: ["yes", "no"], shared: ["yes", "no"],
};

/**
 * The values of one filter with the number of identities that the list would show with each of them alone, the other
 * filters as they are. `search` narrows long lists of values by name.
 */
export async function readFacet(filter: IdentityFilter, dimension: FacetDimension, search: string): Promise<FacetValue[]> {
  const rest: IdentityFilter = { ...filter, [dimension]: [] };
  const counted = await countValues(rest, dimension, search);
  return named(counted.values, dimension, counted.capped, search);
}

async function countValues(rest: IdentityFilter, dimension: FacetDimension, search: string): Promise<{ values: Counted[]; capped: boolean }> {
  const condition = countedBy(rest);
  const column = maintained[dimension];
  if (condition && column) {
    const values = await db.$queryRaw<Counted[]>`
      select ${column} as value, sum(c.difference)::int as count from identity_counts c where ${condition} group by 1 having sum(c.difference) > 0`;
    return { values, capped: false };
  }
  if (isEverything(rest)) {
    const known = ranges[dimension];
    if (known) return { values: await eachRange(rest, dimension, known), capped: false };
    if (dimension === "owner" || dimension === "team" || dimension === "tag") return { values: await tallied(dimension, search), capped: false };
  }
  return sampled(rest, dimension);
}

async function eachRange(rest: IdentityFilter, dimension: FacetDimension, known: readonly string[]): Promise<Counted[]> {
  const counts = await Promise.all(known.map((value) => countIdentities({ ...rest, [dimension]: [value] })));
  return known.flatMap((value, index) => {
    const found = counts[index];
    return found && found.count > 0 ? [{ value, ...found }] : [];
  });
}

/** A tally is a row for each owner: the most frequent are chosen by the database, as are those whose name holds the text. */
async function tallied(dimension: Tallied, search: string): Promise<Counted[]> {
  const wanted = Prisma.sql`like ${`%${literally(search.toLowerCase())}%`}`;
  const holds = search === "" ? Prisma.empty
    : dimension === "tag" ? Prisma.sql`and lower(value) ${wanted}`
    : Prisma.sql`and value in (select id::text from ${Prisma.raw(tableOf[dimension])} where lower(name) ${wanted})`;
  const [values, total] = await Promise.all([
    db.$queryRaw<Counted[]>`
      select value, sum(difference)::int as count from identity_tallies where dimension = ${dimension} ${holds}
      group by 1 having sum(difference) > 0 order by 2 desc, 1 limit ${mostValues}::int`,
    dimension === "owner" ? db.$queryRaw<{ count: number }[]>`select coalesce(sum(difference), 0)::int as count from identity_counts where not is_owned` : [],
  ]);
  const nobody = total[0]?.count ?? 0;
  return nobody > 0 ? [{ value: "none", count: nobody }, ...values] : values;
}

/** Counts among the first rows that the other filters leave: exact where these are all of them, else at least so many. */
async function sampled(rest: IdentityFilter, dimension: FacetDimension): Promise<{ values: Counted[]; capped: boolean }> {
  const condition = identityFilter(rest);
  const sampleOf = (rows: Prisma.Sql) => Prisma.sql`
    with found as materialized (select i.* from ${rows} where ${condition} limit ${countLimit + 1}::int)
    select (select count(*)::int from found) as total, v.value, v.count
    from (select x.value, count(*)::int as count from (select ${valueIn[dimension]} as value from found i) x group by 1) v`;
  type Row = Counted & { total: number };
  const isRare = areFew(await expectCount(rest));
  let rows = isRare ? [] : await db.$queryRaw<Row[]>(sampleOf(Prisma.sql`(select * from identities limit ${firstLook}::int) i`));
  if ((rows[0]?.total ?? 0) <= countLimit) rows = await readByIndex<Row>(sampleOf(Prisma.sql`identities i`));
  return { values: rows, capped: (rows[0]?.total ?? 0) > countLimit };
}

async function named(counted: readonly Counted[], dimension: FacetDimension, capped: boolean, search: string): Promise<FacetValue[]> {
  const table = dimension in tableOf ? tableOf[dimension as keyof typeof tableOf] : null;
  const wanted = search.toLowerCase();
  const sorted = [...counted].sort((a, b) => Number(b.value === "none") - Number(a.value === "none") || b.count - a.count || a.value.localeCompare(b.value));
  if (!table) return sorted.filter(({ value }) => value.toLowerCase().includes(wanted)).slice(0, mostValues).map((one) => valueOf(one, null, capped));
  const names = await namesOf(table, sorted, wanted);
  return sorted
    .flatMap((one) => {
      const label = names.get(one.value);
      if (one.value === "none") return wanted === "" ? [valueOf(one, null, capped)] : [];
      return label === undefined ? [] : [valueOf(one, label, capped)];
    })
    .slice(0, mostValues);
}

function valueOf({ value, count, capped }: Counted, label: string | null, areAllCapped: boolean): FacetValue {
  return { value, label, count: { count, capped: capped ?? areAllCapped } };
}

/** Names of the first ids, or of those whose name holds the text. */
async function namesOf(table: "people" | "teams" | "systems", counted: readonly Counted[], wanted: string): Promise<ReadonlyMap<string, string>> {
  const ids = counted.filter(({ value }) => value !== "none").map(({ value }) => value);
  const some = wanted === "" ? ids.slice(0, mostValues) : ids;
  const holds = wanted === "" ? Prisma.sql`true` : Prisma.sql`lower(name) like ${`%${literally(wanted)}%`}`;
  const rows = await db.$queryRaw<{ id: string; name: string }[]>`
    select id, name from ${Prisma.raw(table)} where id = any(${some}::uuid[]) and ${holds} limit ${mostValues}::int`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}
