import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { makePerson } from "@/lib/requests/test-world";
import { findIdentities } from "./data";
import { answerForIdentity, registerIdentity, setIdentityState } from "./mutations";
import type { IdentityKind } from "./types";
import { readFacet } from "./views/facets";
import { listIdentities } from "./views/list";
import { identityFilterSchema, identityListSchema } from "./views/list-schema";

const seed = { kind: "system", process: "seed" } as const;
const list = (parameters: Record<string, string>) => listIdentities(identityListSchema.parse(parameters));
const namesOf = async (parameters: Record<string, string>) => (await list(parameters)).rows.map(({ name }) => name);

/** All pages, forwards. */
async function walk(parameters: Record<string, string>): Promise<string[]> {
  const names: string[] = [];
  let after: string | null = null;
  do {
    const page = await list(after === null ? parameters : { ...parameters, after });
    names.push(...page.rows.map(({ name }) => name));
    after = page.next;
  } while (after !== null);
  return names;
}

const owners: Record<string, string> = {};

beforeAll(async () => {
  const olga = await makePerson("Olga", ["owner"]);
  const sam = await makePerson("Sam", ["owner"]);
  owners["olga"] = olga.personId;
  const kinds: IdentityKind[] = ["bot", "ci-job", "workload"];
  for (let index = 0; index < 120; index += 1) {
    const about = { kind: kinds[index % 3] ?? "bot", environment: index % 2 === 0 ? "production" : "staging", description: null };
    // Two of each name: the id must break the tie.
    const identityId = await registerIdentity({ name: `walk-${String(Math.floor(index / 2)).padStart(3, "0")}`, ...about }, { actor: seed });
    // Every fourth was never seen at work.
    const lastActiveAt = index % 4 === 0 ? null : new Date(Date.UTC(2026, 0, 1 + (index % 7)));
    await db.identity.update({ where: { id: identityId }, data: { lastActiveAt } });
    if (index < 4) {
      await answerForIdentity(
        { identityId, ...about, ownerId: olga.personId, sponsorId: sam.personId, backupId: null, creatorId: null, teamId: null },
        { actor: seed },
      );
    }
    if (index === 5) await setIdentityState(identityId, "suspended", { actor: seed });
  }
});

describe("the list of identities", () => {
  it("pages through every row once, by name, both ways", async () => {
    const names = await walk({ q: "walk-" });
    expect(names).toHaveLength(120);
    expect(names).toEqual([...names].sort());
    expect(await walk({ q: "walk-", sort: "-name" })).toEqual([...names].reverse());
  });

  it("goes back to exactly the page it came from", async () => {
    const first = await list({ q: "walk-" });
    expect(first).toMatchObject({ previous: null, total: { count: 120, capped: false } });
    const second = await list({ q: "walk-", after: first.next ?? "" });
    const back = await list({ q: "walk-", before: second.previous ?? "" });
    expect(back.rows).toEqual(first.rows);
    expect(back.previous).toBeNull();
    expect(back.next).toBe(first.next);
  });

  it.each(["lastActive", "-lastActive"])("sorts by %s with those never seen at the end, none lost between pages", async (sort) => {
    const ids: string[] = [];
    const times: (string | null)[] = [];
    let after: string | null = null;
    do {
      const page = await list({ q: "walk-", sort, ...(after === null ? {} : { after }) });
      ids.push(...page.rows.map(({ id }) => id));
      times.push(...page.rows.map(({ lastActiveAt }) => lastActiveAt));
      after = page.next;
    } while (after !== null);
    expect(new Set(ids).size).toBe(120);
    const seen = times.filter((time) => time !== null);
    expect(times.slice(seen.length)).toEqual(Array.from({ length: 30 }, () => null));
    const sorted = [...seen].sort();
    expect(seen).toEqual(sort === "lastActive" ? sorted : sorted.reverse());
  });

  it("filters by kind, state, environment, owner and nobody", async () => {
    expect((await list({ q: "walk-", kind: "bot,workload" })).total?.count).toBe(80);
    expect((await list({ q: "walk-", environment: "staging" })).total?.count).toBe(60);
    expect(await namesOf({ q: "walk-", state: "suspended" })).toEqual(["walk-002"]);
    expect(await namesOf({ q: "walk-", owner: owners["olga"] ?? "" })).toEqual(["walk-000", "walk-000", "walk-001", "walk-001"]);
    expect((await list({ q: "walk-", owner: `none,${owners["olga"]}` })).total?.count).toBe(120);
    expect((await list({ q: "walk-", owner: "none" })).total?.count).toBe(116);
  });

  it("finds by a part of the name, whatever its case, and takes wildcards for letters", async () => {
    expect(await namesOf({ q: "ALK-007" })).toEqual(["walk-007", "walk-007"]);
    expect(await namesOf({ q: "walk%" })).toEqual([]);
    expect(await namesOf({ q: "walk_0" })).toEqual([]);
  });

  it("starts at the beginning when a cursor is of another order or of nobody's making", async () => {
    const { next } = await list({ q: "walk-", sort: "lastActive" });
    const first = (await list({ q: "walk-" })).rows;
    expect((await list({ q: "walk-", after: next ?? "" })).rows).toEqual(first);
    expect((await list({ q: "walk-", after: "nonsense" })).rows).toEqual(first);
    const broken = Buffer.from(JSON.stringify({ v: 1, s: "lastActive:asc", k: "no date", i: first[0]?.id })).toString("base64url");
    expect((await list({ q: "walk-", sort: "lastActive", after: broken })).rows).toHaveLength(50);
  });

  it("offers the environments and owners that there are, with how many there are of each", async () => {
    const filter = identityFilterSchema.parse({});
    const environments = await readFacet(filter, "environment", "");
    expect(environments).toContainEqual({ value: "staging", label: null, count: { count: 60, capped: false } });
    expect(await readFacet(filter, "owner", "olg")).toEqual([{ value: owners["olga"], label: "Olga", count: { count: 4, capped: false } }]);
    const withText = identityFilterSchema.parse({ q: "walk-00", kind: "workload" });
    expect(await readFacet(withText, "state", "")).toEqual(expect.arrayContaining([{ value: "suspended", label: null, count: { count: 1, capped: false } }]));
  });
});

describe("finding an identity", () => {
  it("offers first what starts with the text, then what holds it", async () => {
    await registerIdentity({ name: "find_sky-walk", kind: "bot", description: null, environment: "staging" }, { actor: seed });
    const found = (await findIdentities("walk-05", 20)).map(({ name }) => name);
    expect(found).toHaveLength(20);
    expect((await findIdentities("SKY-W", 5)).map(({ name }) => name)).toEqual(["find_sky-walk"]);
    expect((await findIdentities("fi", 5)).map(({ name }) => name)).toEqual(["find_sky-walk"]);
    expect(await findIdentities("y-", 5)).toEqual([]);
    expect(await findIdentities("%", 5)).toEqual([]);
  });
});
