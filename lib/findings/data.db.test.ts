import { beforeEach, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { answerForIdentity, registerIdentity } from "@/lib/identities/mutations";
import { makePerson } from "@/lib/requests/test-world";
import { listFindings } from "./data";
import { closeFinding, openFinding } from "./mutations";
import { findingListSchema } from "./schema";

const seed = { kind: "system", process: "seed" } as const;
const query = (parameters: Record<string, string> = {}) => findingListSchema.parse(parameters);

async function identityOf(ownerId: string): Promise<string> {
  const about = { kind: "bot", description: null, environment: "test" } as const;
  const identityId = await registerIdentity({ name: "svc", ...about }, { actor: seed });
  await answerForIdentity({ identityId, ...about, ownerId, sponsorId: ownerId, backupId: null, creatorId: null, teamId: null }, { actor: seed });
  return identityId;
}

const open = (key: string, identityId?: string) =>
  inTransaction((tx, now) => openFinding(tx, { kind: "side-door", key, title: key, detail: {}, subjects: identityId ? { identityId } : {}, actor: seed, now }));
const close = (key: string) => inTransaction((tx, now) => closeFinding(tx, { key, actor: seed, now }));
const titles = (page: { rows: readonly { title: string }[] }) => page.rows.map(({ title }) => title).sort();

beforeEach(async () => {
  await db.finding.deleteMany();
});

describe("the list of findings", () => {
  it("shows the owner side only what concerns the identities they answer for", async () => {
    const [olga, sam] = [await makePerson("Olga", ["owner"]), await makePerson("Sam", ["owner"])];
    await open("hers", await identityOf(olga.personId));
    await open("his", await identityOf(sam.personId));
    await open("nobody's");
    expect(titles(await listFindings({ of: "owner-side", personId: olga.personId }, query()))).toEqual(["hers"]);
    expect(titles(await listFindings({ of: "all" }, query()))).toEqual(["hers", "his", "nobody's"]);
  });

  it("tells open ones from closed ones, and counts what it filtered", async () => {
    for (const key of ["a", "b", "c"]) await open(key);
    await close("b");
    expect(titles(await listFindings({ of: "all" }, query({ state: "open" })))).toEqual(["a", "c"]);
    const closed = await listFindings({ of: "all" }, query({ state: "closed" }));
    expect(titles(closed)).toEqual(["b"]);
    expect(closed.total).toEqual({ count: 1, capped: false });
  });

  it("opens the same thing again after it was closed, and never twice at once", async () => {
    expect([await open("a"), await open("a"), await close("a"), await close("a"), await open("a")]).toEqual([true, false, true, false, true]);
    expect(await db.finding.count()).toBe(2);
  });

  it("walks all pages in either direction without losing one", async () => {
    for (let index = 0; index < 120; index += 1) await open(`f${index}`);
    const seen: string[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page = await listFindings({ of: "all" }, query(after ? { after } : {}));
      seen.push(...page.rows.map(({ title }) => title));
      after = page.next;
    }
    expect(new Set(seen).size).toBe(120);
    expect(seen).toHaveLength(120);
  });
});
