import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";
import { countIdentities, foldCounts } from "./views/counts";
import { parseIdentityFilter } from "./query";
import { readFacet } from "./views/facets";
import { asPersonMayAsk, listForPerson, listIdentities, listIds } from "./views/list";
import { identityListSchema, identitySorts } from "./views/list-schema";
import { facetDimensions } from "./views/list-types";

const list = (parameters: Record<string, string>) => listIdentities(identityListSchema.parse(parameters));

const rowCount = 230;
const persons: string[] = [];
const teams: string[] = [];

/** Rows with few different values and many without one: ties and gaps in every order. */
async function fill(): Promise<void> {
  await db.$executeRaw`
    insert into identities (id, name, kind, environment, state, source, owner_id, team_id, tags, first_seen_at, last_seen_at, last_active_at, staleness, exposure, credential_count, entitlement_count, standing_count, is_shared, vanished_at, description)
    select gen_random_uuid(), 'Row-' || (n % 40), (array['bot', 'ci-job', 'workload'])[1 + n % 3], (array['production', 'staging'])[1 + n % 2], (array['suspended', 'unowned', 'orphaned'])[1 + n % 3], 'seed',
      case n % 4 when 0 then ${persons[0]}::uuid when 1 then ${persons[1]}::uuid end, case when n % 3 = 0 then ${teams[0]}::uuid end,
      case n % 5 when 0 then array['pci', 'eu'] when 1 then array['eu'] else '{}' end,
      timestamp '2026-01-01' + (n % 6) * interval '1 day', now(), case when n % 3 > 0 then timestamp '2026-02-01' + (n % 9) * interval '1 hour' end,
      case when n % 7 > 0 then n % 101 end, case when n % 5 > 1 then n % 4 end, n % 3, n % 5, n % 2, n % 11 = 0, case when n % 13 = 0 then now() end,
      case when n % 10 = 0 then 'moves Müller''s invoices' end
    from generate_series(1, ${rowCount}::int) n`;
}

beforeAll(async () => {
  for (const name of ["Zoë", "anna"]) persons.push((await makePerson(name, ["owner"])).personId);
  teams.push(newId());
  await db.team.create({ data: { id: teams[0] ?? "", name: "Payments" } });
  await fill();
});

async function walk(parameters: Record<string, string>): Promise<{ forwards: string[][]; backwards: string[][] }> {
  const forwards: string[][] = [];
  let page = await list(parameters);
  const cursors: (string | null)[] = [];
  for (;;) {
    forwards.push(page.rows.map(({ id }) => id));
    cursors.push(page.previous);
    if (page.next === null) break;
    page = await list({ ...parameters, after: page.next });
  }
  const backwards = [page.rows.map(({ id }) => id)];
  while (page.previous !== null) {
    page = await list({ ...parameters, before: page.previous });
    backwards.unshift(page.rows.map(({ id }) => id));
  }
  return { forwards, backwards };
}

const columnOf: Record<(typeof identitySorts)[number], string> = {
  name: "sort_name", kind: "kind", environment: "environment", state: "state", owner: "sort_owner", team: "sort_team", system: "sort_system",
  lastActive: "last_active_at", staleness: "staleness", exposure: "exposure", firstSeen: "first_seen_at", credentials: "credential_count", entitlements: "entitlement_count",
};

async function inOrder(column: string, way: string, where = "true"): Promise<string[]> {
  const rows = await db.$queryRawUnsafe<{ id: string }[]>(`select id from identities where ${where} order by ${column} ${way} nulls last, id ${way}`);
  return rows.map(({ id }) => id);
}

describe("pages of identities", () => {
  it.each(identitySorts.flatMap((key) => [[key, "asc"], [key, "desc"]] as const))("show every row once by %s %s, the same backwards, those without a value last", async (key, way) => {
    const sort = way === "asc" ? key : `-${key}`;
    const { forwards, backwards } = await walk({ sort });
    expect(forwards.flat()).toEqual(await inOrder(columnOf[key], way));
    expect(backwards).toEqual(forwards);
  });

  it.each(["exposure", "-owner", "name"])("stay whole under a filter that leaves few or many, by %s", async (sort) => {
    const way = sort.startsWith("-") ? "desc" : "asc";
    const key = sort.replace("-", "") as (typeof identitySorts)[number];
    const many = await walk({ sort, environment: "production" });
    expect(many.forwards.flat()).toEqual(await inOrder(columnOf[key], way, "environment = 'production'"));
    expect(many.backwards).toEqual(many.forwards);
    const few = await walk({ sort, q: "MÜLLER's", tag: "pci" });
    expect(few.forwards.flat()).toEqual(await inOrder(columnOf[key], way, "description is not null and 'pci' = any(tags)"));
  });

  it("selects in the list's order, up to its limit", async () => {
    const query = identityListSchema.parse({ sort: "-exposure" });
    expect(await listIds(query, 120)).toEqual((await inOrder("exposure", "desc")).slice(0, 120));
    expect(await listIds(query, 5_000)).toHaveLength(rowCount);
  });

  it.each([
    ["kind=bot", "kind = 'bot'"],
    ["q=row-1", "name ilike '%row-1%'"],
    ["q=ro", "name ilike 'ro%'"],
    ["q=%25", "false"],
    ["q=row+invoices", "description is not null"],
    ["owner=none", "owner_id is null"],
    ["team=none", "team_id is null"],
    ["tag=eu,pci", "tags && array['eu','pci']"],
    ["active=unseen", "last_active_at is null"],
    ["staleness=75-100,none", "staleness >= 75 or staleness is null"],
    ["exposure=0-24", "exposure <= 24"],
    ["standing=yes", "standing_count > 0"],
    ["standing=yes,no", "true"],
    ["shared=yes&vanished=no", "is_shared and vanished_at is null"],
    ["source=seed&state=orphaned&environment=staging", "state = 'orphaned' and environment = 'staging'"],
    ["kind=nonsense&state=%00&sort=x", "true"],
  ])("leaves what %s says", async (query, where) => {
    const parameters = Object.fromEntries(new URLSearchParams(query));
    const page = await list(parameters);
    const expected = new Set(await inOrder("id", "asc", where));
    expect(page.total).toEqual({ count: expected.size, capped: false });
    expect((await walk(parameters)).forwards.flat().every((id) => expected.has(id))).toBe(true);
  });
});

describe("what the database keeps for the list", () => {
  it("follows a new name of an owner and of a team", async () => {
    await db.person.update({ where: { id: persons[1] ?? "" }, data: { name: "Ömer" } });
    await db.team.update({ where: { id: teams[0] ?? "" }, data: { name: "Ledger" } });
    const rows = await db.identity.findMany({ where: { ownerId: persons[1] ?? "", teamId: teams[0] ?? "" }, select: { sortOwner: true, sortTeam: true } });
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toEqual({ sortOwner: "ömer", sortTeam: "ledger" });
  });

  const operations = fc.array(
    fc.record({
      what: fc.constantFrom("add", "remove", "own", "disown", "tag", "vanish", "rename", "fold", "score"),
      share: fc.integer({ min: 2, max: 9 }),
    }),
    { minLength: 1, maxLength: 8 },
  );

  async function run(what: string, share: number): Promise<unknown> {
    const some = `(hashtext(id::text) % ${share}) = 0`;
    switch (what) {
      case "add": return fill();
      case "remove": return db.$executeRawUnsafe(`delete from identities where ${some} and source = 'seed'`);
      case "own": return db.$executeRawUnsafe(`update identities set owner_id = $1::uuid, sponsor_id = $1::uuid, state = 'active' where ${some}`, persons[share % 2]);
      case "disown": return db.$executeRawUnsafe(`update identities set owner_id = null, team_id = null, state = 'unowned' where ${some}`);
      case "tag": return db.$executeRawUnsafe(`update identities set tags = array_append(tags, 'eu') where ${some}`);
      case "vanish": return db.$executeRawUnsafe(`update identities set vanished_at = now(), kind = 'bot' where ${some}`);
      case "rename": return db.$executeRawUnsafe(`update people set name = name || 'x' where id = $1::uuid`, persons[0]);
      case "score": return db.$executeRawUnsafe(`update identities set staleness = ${share}, scored_at = now() where ${some}`);
      default: return foldCounts();
    }
  }

  /** The same numbers, counted. */
  async function counted(condition: string): Promise<number> {
    const rows = await db.$queryRawUnsafe<{ count: number }[]>(`select count(*)::int as count from identities where ${condition}`);
    return rows[0]?.count ?? 0;
  }

  it("counts what is there after any changes, folded or not", async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (steps) => {
        for (const { what, share } of steps) await run(what, share);
        expect((await countIdentities(parseIdentityFilter(""))).count).toBe(await counted("true"));
        expect((await countIdentities(parseIdentityFilter("owner=none&kind=bot"))).count).toBe(await counted("owner_id is null and kind = 'bot'"));
        const owned = await readFacet(parseIdentityFilter(""), "owner", "");
        const real = await db.$queryRaw<{ value: string; count: number }[]>`select coalesce(owner_id::text, 'none') as value, count(*)::int as count from identities group by 1`;
        expect(new Map(owned.map(({ value, count }) => [value, count.count]))).toEqual(new Map(real.map(({ value, count }) => [value, count])));
        const tags = await readFacet(parseIdentityFilter(""), "tag", "eu");
        expect(tags[0]?.count.count ?? 0).toBe(await counted("'eu' = any(tags)"));
      }),
      { numRuns: 12 },
    );
  });

  it("folds to one row for each combination with the same sums", async () => {
    await db.$executeRaw`insert into identity_counts (kind, environment, state, source, is_owned, is_vanished, difference)
      select 'bot', 'production', 'active', 'seed', false, false, case when n % 2 = 0 then 1 else -1 end from generate_series(1, 6000) n`;
    const before = await countIdentities(parseIdentityFilter("kind=bot"));
    expect(await foldCounts()).toBe(true);
    expect(await countIdentities(parseIdentityFilter("kind=bot"))).toEqual(before);
    expect(await db.identityCount.count()).toBeLessThan(200);
    expect(await foldCounts()).toBe(false);
  });
});

describe("facets", () => {
  beforeAll(async () => {
    await db.$executeRaw`delete from identities`;
    await fill();
  });

  it.each(facetDimensions)("count for %s what the list then shows, whatever else is filtered", async (dimension) => {
    for (const query of ["", "kind=bot", "q=row-1", "owner=none&state=orphaned", "tag=eu"]) {
      for (const { value, count } of await readFacet(parseIdentityFilter(query), dimension, "")) {
        const parameters = { ...Object.fromEntries(new URLSearchParams(query)), [dimension]: value };
        expect(count.capped).toBe(false);
        expect([query, value, (await list(parameters)).total?.count]).toEqual([query, value, count.count]);
      }
    }
  });
});

describe("reach in the list", () => {
  it("is shown for one's own identities only, and cannot be read from an order or a filter", async () => {
    const requester = await makePerson("Rita", ["requester"]);
    const query = identityListSchema.parse({ sort: "-exposure", standing: "yes", exposure: "75-100" });
    expect(asPersonMayAsk(requester, query)).toMatchObject({ sort: { key: "name" }, standing: [], exposure: [] });
    const page = await listForPerson(requester, query);
    expect(page.rows.every(({ reach }) => reach === null)).toBe(true);
    const auditor = await makePerson("Aurel", ["auditor"]);
    expect(asPersonMayAsk(auditor, query)).toEqual(query);
    expect((await listForPerson(auditor, identityListSchema.parse({}))).rows.every(({ reach }) => reach !== null)).toBe(true);
  });
});
