import "server-only";
import { Prisma } from "@/lib/db/generated/client";
import { literally } from "@/lib/db/like";
import { type IdentityFilter, identityFilterSchema, type IdentitySort } from "./views/list-schema";

export type { IdentityFilter } from "./views/list-schema";

/** Shorter than this, a text has no trigram: it is looked for at the start of names. */
const shortestSubstring = 3;

/** Reads which identities a list's URL is about. Attacker-controlled: what means nothing filters nothing. */
export function parseIdentityFilter(urlQuery: string): IdentityFilter {
  return identityFilterSchema.parse(Object.fromEntries(new URLSearchParams(urlQuery)));
}

/** A boolean expression over `identities i` that is true for the identities of a filter. */
export function identityFilter(filter: IdentityFilter): Prisma.Sql {
  const parts = conditionsOf(filter);
  return parts.length === 0 ? Prisma.sql`true` : Prisma.join(parts, " and ");
}

/** True where the filter leaves everything in. */
export function isEverything(filter: IdentityFilter): boolean {
  return conditionsOf(filter).length === 0;
}

/** True where the filter is one range of an index and nothing else: however many lie in it, counting some of them reads no more than these. */
export function isOneRange(filter: IdentityFilter): boolean {
  const isRanged = isPrefix(filter.q) || [filter.active, filter.staleness, filter.exposure].some((values) => values.length === 1);
  return isRanged && conditionsOf(filter).length === 1;
}

/**
 * The part of a filter that speaks of the very column a list is sorted by: it bounds the range of that order's index, so
 * that a list need not walk past what cannot be in it.
 */
export function filterOnOrder(filter: IdentityFilter, sort: IdentitySort): Prisma.Sql {
  const parts = conditionsOn(filter, sort);
  return parts.length === 0 ? Prisma.sql`true` : Prisma.join(parts, " and ");
}

function conditionsOn(filter: IdentityFilter, sort: IdentitySort): Prisma.Sql[] {
  switch (sort) {
    case "name":
      return isPrefix(filter.q) ? textCondition(filter.q) : [];
    case "kind":
      return anyWord(Prisma.sql`i.kind`, filter.kind);
    case "state":
      return anyWord(Prisma.sql`i.state`, filter.state);
    case "environment":
      return anyWord(Prisma.sql`i.environment`, filter.environment);
    case "lastActive":
      return anyOf(filter.active.map((bucket) => activeConditions[bucket]));
    case "staleness":
      return anyOf(filter.staleness.map((band) => bandCondition(Prisma.sql`i.staleness`, band)));
    case "exposure":
      return anyOf(filter.exposure.map((band) => bandCondition(Prisma.sql`i.exposure`, band)));
    case "owner":
    case "team":
    case "system":
    case "firstSeen":
    case "credentials":
    case "entitlements":
      return [];
  }
}

/** A text of which no word has a trigram. */
function isPrefix(text: string): boolean {
  return text !== "" && text.split(/\s+/).every((word) => [...word].length < shortestSubstring);
}

function conditionsOf(filter: IdentityFilter): Prisma.Sql[] {
  return [
    ...textCondition(filter.q),
    ...anyId(Prisma.sql`i.id`, filter.id),
    ...anyWord(Prisma.sql`i.kind`, filter.kind),
    ...anyWord(Prisma.sql`i.state`, filter.state),
    ...anyWord(Prisma.sql`i.environment`, filter.environment),
    ...anyWord(Prisma.sql`i.source`, filter.source),
    ...anyId(Prisma.sql`i.system_id`, filter.system),
    ...anyId(Prisma.sql`i.owner_id`, filter.owner),
    ...anyId(Prisma.sql`i.sponsor_id`, filter.sponsor),
    ...anyId(Prisma.sql`i.team_id`, filter.team),
    ...(filter.tag.length > 0 ? [Prisma.sql`i.tags && ${filter.tag}::text[]`] : []),
    ...anyOf(filter.active.map((bucket) => activeConditions[bucket])),
    ...anyOf(filter.staleness.map((band) => bandCondition(Prisma.sql`i.staleness`, band))),
    ...anyOf(filter.exposure.map((band) => bandCondition(Prisma.sql`i.exposure`, band))),
    ...eitherOr(filter.standing, Prisma.sql`i.standing_count > 0`),
    ...eitherOr(filter.shared, Prisma.sql`i.is_shared`),
    ...eitherOr(filter.vanished, Prisma.sql`i.vanished_at is not null`),
  ];
}

/** Every word of the text has to occur somewhere; a text without trigrams is the start of a name. */
function textCondition(text: string): Prisma.Sql[] {
  if (text === "") return [];
  if (isPrefix(text)) {
    return [Prisma.sql`i.sort_name like ${`${literally(text.toLowerCase())}%`}`];
  }
  return text.toLowerCase().split(/\s+/).map((word) => Prisma.sql`i.search_text like ${`%${literally(word)}%`}`);
}

function anyWord(column: Prisma.Sql, words: readonly string[]): Prisma.Sql[] {
  if (words.length === 0) return [];
  return [words.length === 1 ? Prisma.sql`${column} = ${words[0]}` : Prisma.sql`${column} = any(${words}::text[])`];
}

function anyId(column: Prisma.Sql, values: readonly string[]): Prisma.Sql[] {
  const ids = values.filter((value) => value !== "none");
  return anyOf([
    ...(ids.length > 0 ? [ids.length === 1 ? Prisma.sql`${column} = ${ids[0]}::uuid` : Prisma.sql`${column} = any(${ids}::uuid[])`] : []),
    ...(values.includes("none") ? [Prisma.sql`${column} is null`] : []),
  ]);
}

function anyOf(conditions: readonly Prisma.Sql[]): Prisma.Sql[] {
  if (conditions.length <= 1) return [...conditions];
  return [Prisma.sql`(${Prisma.join([...conditions], " or ")})`];
}

/** Both answers ticked is no filter. */
function eitherOr(chosen: readonly ("yes" | "no")[], condition: Prisma.Sql): Prisma.Sql[] {
  if (chosen.length !== 1) return [];
  return [chosen[0] === "yes" ? condition : Prisma.sql`not (${condition})`];
}

const activeConditions = {
  "7d": Prisma.sql`i.last_active_at >= now() - interval '7 days'`,
  "30d": Prisma.sql`(i.last_active_at >= now() - interval '30 days' and i.last_active_at < now() - interval '7 days')`,
  "90d": Prisma.sql`(i.last_active_at >= now() - interval '90 days' and i.last_active_at < now() - interval '30 days')`,
  older: Prisma.sql`i.last_active_at < now() - interval '90 days'`,
  unseen: Prisma.sql`i.last_active_at is null`,
} satisfies Record<IdentityFilter["active"][number], Prisma.Sql>;

function bandCondition(column: Prisma.Sql, band: IdentityFilter["staleness"][number]): Prisma.Sql {
  if (band === "none") return Prisma.sql`${column} is null`;
  const [least, most] = band.split("-").map(Number);
  return Prisma.sql`${column} between ${least}::smallint and ${most}::smallint`;
}
