import { answerQuestions, type Measure } from "./asked";

/** What people do with the list; the loaders' own functions, from the parsed address to the rows that go to the browser. */
async function measures(): Promise<Measure[]> {
  const { listIdentities } = await import("@/lib/identities/views/list");
  const { identityListSchema } = await import("@/lib/identities/views/list-schema");
  const { readFacet } = await import("@/lib/identities/views/facets");
  const { facetDimensions } = await import("@/lib/identities/views/list-types");
  const { parseIdentityFilter } = await import("@/lib/identities/query");
  const { encodeCursor } = await import("@/lib/db/cursor");
  const { db } = await import("@/lib/db/client");
  const list = (query: string) => listIdentities(identityListSchema.parse(Object.fromEntries(new URLSearchParams(query))));
  const filled = async (query: string) => {
    const page = await list(query);
    if (page.rows.length === 0) throw new Error(`the benchmark found nothing for ${query}`);
    return page;
  };
  const [middle] = await db.$queryRaw<{ id: string; name: string }[]>`
    select id, sort_name as name from identities order by sort_name offset (select count(*) * 9 / 10 from identities) limit 1`;
  const deep = encodeCursor({ key: "name", direction: "asc" }, { value: middle?.name ?? "", id: middle?.id ?? "" });
  const [owner] = await db.$queryRaw<{ id: string }[]>`select owner_id::text as id from identities where owner_id is not null limit 1`;
  const scores = ["-exposure", "-staleness", "staleness"];
  return [
    { what: "first page", run: () => filled("") },
    { what: "page at nine tenths, by its cursor", run: () => filled(`after=${deep}`) },
    { what: "page before it, by its cursor", run: () => filled(`before=${deep}`) },
    { what: "sorted by a score", run: (round) => filled(`sort=${scores[round % scores.length]}`) },
    { what: "substring that 60 hold", run: () => filled("q=quokka") },
    { what: "substring that 1 in 500 holds", run: () => filled("q=arwha&sort=-exposure") },
    { what: "substring that 1 in 8 holds", run: () => filled("q=deploy-&sort=-lastActive") },
    { what: "two letters", run: () => filled("q=sv") },
    { what: "saved view: unowned in production, most exposed first", run: () => filled("state=unowned&environment=production&sort=-exposure") },
    { what: "saved view: one owner's, stalest first", run: () => filled(`owner=${owner?.id ?? ""}&sort=-staleness`) },
    ...facetDimensions.map((dimension) => ({ what: `facet counts of ${dimension}, nothing filtered`, run: () => readFacet(parseIdentityFilter(""), dimension, "") })),
    { what: "facet counts under a filter", run: (round) => readFacet(parseIdentityFilter("kind=bot&state=stale"), facetDimensions[round % 4] ?? "kind", "") },
    { what: "facet counts under a text", run: () => readFacet(parseIdentityFilter("q=billing"), "kind", "") },
  ];
}

await answerQuestions(measures);
