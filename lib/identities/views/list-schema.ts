import * as z from "zod";
import { cursorText, manyIds, manyOf, searchText, sortOf } from "@/lib/platform/list-query";
import { identityKinds, identityStates } from "../types";

/** What the list of identities can be sorted by: every one of its columns. */
export const identitySorts = [
  "name", "kind", "environment", "state", "owner", "team", "system", "lastActive", "staleness", "exposure", "firstSeen", "credentials", "entitlements",
] as const;
export type IdentitySort = (typeof identitySorts)[number];

/** When it was last seen at work: within so many days, longer ago, or never inside what can be seen. */
export const activeBuckets = ["7d", "30d", "90d", "older", "unseen"] as const;

/** Quarters of a score; `none` where it has not been computed. */
export const scoreBands = ["75-100", "50-74", "25-49", "0-24", "none"] as const;

const yesOrNo = ["yes", "no"] as const;
const mostWords = 50;

/** A filter on words that are not known beforehand: environments, sources, tags. */
function manyWords(pattern: RegExp) {
  return z
    .unknown()
    .optional()
    .transform((input) => {
      const texts = Array.isArray(input) ? input : [input];
      const words = texts.flatMap((text) => (typeof text === "string" ? text.split(",") : []));
      return [...new Set(words)].filter((word) => pattern.test(word)).slice(0, mostWords);
    });
}

const word = /^[\w .-]{1,64}$/;
// Attacker-controlled. NUL cannot be sent to PostgreSQL, a comma ends a word.
// eslint-disable-next-line no-control-regex
const tagWord = /^[^\u0000-\u001f\u007f,]{1,64}$/;

const filterFields = {
  q: searchText(),
  /** Single ones that somebody picked. */
  id: manyIds(),
  kind: manyOf(identityKinds),
  state: manyOf(identityStates),
  environment: manyWords(word),
  source: manyWords(word),
  system: manyIds(),
  owner: manyIds(),
  sponsor: manyIds(),
  team: manyIds(),
  tag: manyWords(tagWord),
  active: manyOf(activeBuckets),
  staleness: manyOf(scoreBands),
  exposure: manyOf(scoreBands),
  standing: manyOf(yesOrNo),
  shared: manyOf(yesOrNo),
  vanished: manyOf(yesOrNo),
};

/** The part of the list's URL that says which identities. Whatever it says, there is an answer. */
export const identityFilterSchema = z.object(filterFields);
export type IdentityFilter = z.output<typeof identityFilterSchema>;

/** Names of the filter's parameters, in the order in which they are said. */
export const identityFilterKeys = Object.keys(filterFields) as readonly (keyof IdentityFilter)[];

/** The whole URL of the list of identities; whatever it says, the list opens. */
export const identityListSchema = z.object({
  ...filterFields,
  sort: sortOf(identitySorts, { key: "name", direction: "asc" }),
  after: cursorText(),
  before: cursorText(),
});
export type IdentityListQuery = z.output<typeof identityListSchema>;

const reachSorts: readonly IdentitySort[] = ["exposure", "entitlements"];

/** The query without what would tell of reach: by a sort order or a filter it could be read even where its column is hidden. */
export function withoutReach<Query extends IdentityFilter & Partial<Pick<IdentityListQuery, "sort">>>(query: Query): Query {
  const sort = query.sort && reachSorts.includes(query.sort.key) ? { sort: { key: "name", direction: "asc" } as const } : {};
  return { ...query, ...sort, exposure: [], standing: [] };
}
