import "server-only";
import { readByIndex } from "@/lib/db/by-index";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import type { CappedCount } from "@/lib/platform/format";
import { identityFilter, isOneRange } from "../query";
import type { IdentityFilter } from "./list-schema";

/** Where the maintained counts cannot tell, counting stops here and says so. */
export const countLimit = 1_000;
/** Identities that are looked at in the order in which they lie, before an index is asked for the rest. */
const firstLook = 20_000;
/** Rows of differences beyond which the counts are worth folding. */
const foldAbove = 2_000;

/** How many identities a filter is expected to leave; exact where the maintained counts tell it. */
export type Expected = { readonly count: number; readonly isExact: boolean };

/** Fewer than this are read by their own indexes and sorted, whatever the order. */
const few = 5_000;

/** True where reading all that the filter leaves is cheaper than looking for it along an order. */
export function areFew({ count }: Expected): boolean {
  return count < few;
}

/** What can be known beforehand of a filter's number: from the maintained counts, else from the planner's statistics. */
export async function expectCount(filter: IdentityFilter): Promise<Expected> {
  const condition = countedBy(filter);
  if (condition) return { count: await readMaintained(condition), isExact: true };
  type Plan = { "QUERY PLAN": { Plan: { "Plan Rows": number } }[] };
  const rows = await db.$queryRaw<Plan[]>`explain (format json) select from identities i where ${identityFilter(filter)}`;
  return { count: rows[0]?.["QUERY PLAN"][0]?.Plan["Plan Rows"] ?? Infinity, isExact: false };
}

/** How many identities a filter leaves. */
export async function countIdentities(filter: IdentityFilter, expected?: Expected): Promise<CappedCount> {
  if (!expected && isOneRange(filter)) return capped(await countByIndex(identityFilter(filter)));
  const known = expected ?? (await expectCount(filter));
  if (known.isExact) return { count: known.count, capped: false };
  return capped(await (isOneRange(filter) ? countByIndex(identityFilter(filter)) : countUpTo(identityFilter(filter), known)));
}

function capped(found: number): CappedCount {
  return { count: Math.min(found, countLimit), capped: found > countLimit };
}

/**
 * The filter as a condition on the maintained counts (`identity_counts c`); null where they do not tell what it asks for.
 */
export function countedBy(filter: IdentityFilter): Prisma.Sql | null {
  const { q, id, sponsor, team, tag, active, staleness, exposure, standing, shared, owner, vanished } = filter;
  const untold = [id, sponsor, team, tag, active, staleness, exposure].some((values) => values.length > 0) || standing.length === 1 || shared.length === 1;
  if (q !== "" || untold || owner.some((id) => id !== "none")) return null;
  const parts = [
    ...anyOf(Prisma.sql`c.kind`, filter.kind),
    ...anyOf(Prisma.sql`c.state`, filter.state),
    ...anyOf(Prisma.sql`c.environment`, filter.environment),
    ...anyOf(Prisma.sql`c.source`, filter.source),
    ...anyOf(Prisma.sql`coalesce(c.system_id::text, 'none')`, filter.system),
    ...(owner.length > 0 ? [Prisma.sql`not c.is_owned`] : []),
    ...(vanished.length === 1 ? [Prisma.sql`c.is_vanished = ${vanished[0] === "yes"}`] : []),
  ];
  return parts.length === 0 ? Prisma.sql`true` : Prisma.join(parts, " and ");
}

function anyOf(column: Prisma.Sql, words: readonly string[]): Prisma.Sql[] {
  return words.length > 0 ? [Prisma.sql`${column} = any(${words}::text[])`] : [];
}

async function readMaintained(condition: Prisma.Sql): Promise<number> {
  const rows = await db.$queryRaw<{ count: number }[]>`select coalesce(sum(c.difference), 0)::int as count from identity_counts c where ${condition}`;
  return rows[0]?.count ?? 0;
}

/** Counts up to one beyond the limit: what is frequent is soon found, what is rare has an index. */
async function countUpTo(condition: Prisma.Sql, expected: Expected): Promise<number> {
  if (!areFew(expected)) {
    const near = await db.$queryRaw<{ count: number }[]>(counting(Prisma.sql`(select * from identities limit ${firstLook}::int) i`, condition));
    if ((near[0]?.count ?? 0) > countLimit) return countLimit + 1;
  }
  return countByIndex(condition);
}

async function countByIndex(condition: Prisma.Sql): Promise<number> {
  const all = await readByIndex<{ count: number }>(counting(Prisma.sql`identities i`, condition));
  return all[0]?.count ?? 0;
}

function counting(rows: Prisma.Sql, condition: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`select count(*)::int as count from (select from ${rows} where ${condition} limit ${countLimit + 1}::int) found`;
}

/**
 * Folds the differences that triggers wrote into one row for each combination. Readers see either the old rows or the new
 * ones, both with the same sum. Answers whether there was anything to fold.
 */
export async function foldCounts(): Promise<boolean> {
  const counts = await db.$executeRaw`
    with gone as (delete from identity_counts where (select count(*) from identity_counts) > ${foldAbove}::int + 2 * (
        select count(*) from (select distinct kind, environment, state, source, system_id, is_owned, is_vanished from identity_counts) d) returning *)
    insert into identity_counts (kind, environment, state, source, system_id, is_owned, is_vanished, difference)
    select kind, environment, state, source, system_id, is_owned, is_vanished, sum(difference) from gone group by 1, 2, 3, 4, 5, 6, 7 having sum(difference) <> 0`;
  const tallies = await db.$executeRaw`
    with gone as (delete from identity_tallies where (select count(*) from identity_tallies) > ${foldAbove}::int + 2 * (
        select count(*) from (select distinct dimension, value from identity_tallies) d) returning *)
    insert into identity_tallies (dimension, value, difference)
    select dimension, value, sum(difference) from gone group by 1, 2 having sum(difference) <> 0`;
  return counts + tallies > 0;
}
