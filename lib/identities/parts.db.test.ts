import { beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { inTransaction } from "@/lib/db/transaction";
import { makeIdentity, makePerson, makeSystem } from "@/lib/exceptions/test-holdings";
import { appendEvent } from "@/lib/ledger/append";
import { identityPartsSchema } from "./schema";
import type { PartPage } from "./views/detail-types";
import { readHistory } from "./views/history";
import { readCredentials, readSignIn } from "./views/parts";

const count = 130;
let identityId = "";
let other = "";

beforeAll(async () => {
  const owner = await makePerson("Olga", "owner");
  [identityId, other] = [await makeIdentity(owner.personId), await makeIdentity(owner.personId)];
  const systemId = await makeSystem();
  // Few different times and many without one: ties and gaps in the order.
  await db.$executeRaw`
    insert into credentials (id, identity_id, system_id, handle, target_id, kind, first_seen_at, last_seen_at, last_used_at, vanished_at, is_enabled, facts)
    select gen_random_uuid(), case when n % 10 = 0 then ${other}::uuid else ${identityId}::uuid end, ${systemId}::uuid, 'login_' || n, n::text, 'password', now(), now(),
      case when n % 3 > 0 then timestamp '2026-02-01' + (n % 5) * interval '1 hour' end, case when n % 4 = 0 then timestamp '2026-03-01' + (n % 2) * interval '1 day' end, n % 7 > 0, '{}'
    from generate_series(1, ${count}::int) n`;
  for (let at = 0; at < 90; at += 1) {
    await inTransaction((tx, now) =>
      appendEvent(tx, { type: "identity.described", at: now, actor: { kind: "system", process: "seed" }, subjects: { identity: identityId }, data: { kind: "bot", environment: "test", teamId: null, changed: ["tags"] } }),
    );
  }
});

async function walk<Row extends { id: string }>(read: (after: string | null) => Promise<PartPage<Row>>): Promise<Row[][]> {
  const pages: Row[][] = [];
  for (let after: string | null = null; ; ) {
    const page: PartPage<Row> = await read(after);
    expect(page.isFirst).toBe(after === null);
    pages.push([...page.rows]);
    if (page.next === null) return pages;
    after = page.next;
  }
}

describe("the long parts of an identity's page", () => {
  it("shows every credential once, those in use first and those that are gone last", async () => {
    const pages = await walk((after) => readCredentials(identityId, after));
    expect(pages.map(({ length }) => length)).toEqual([50, 50, 17]);
    const rows = pages.flat();
    expect(new Set(rows.map(({ id }) => id)).size).toBe(117);
    expect(rows.map(({ vanishedAt }) => vanishedAt !== null)).toEqual(rows.map(({ vanishedAt }) => vanishedAt !== null).sort());
    const used = rows.filter(({ vanishedAt }) => vanishedAt === null).map(({ lastUsedAt }) => lastUsedAt ?? "");
    expect(used).toEqual([...used].sort().reverse());
    const there = rows.filter((row) => row.vanishedAt === null);
    expect(await readSignIn(identityId)).toMatchObject({ live: there.filter((row) => row.isEnabled).length, known: there.length, takenByCurfew: false });
  });

  it("goes back to the first event about it", async () => {
    const pages = await walk((after) => readHistory(identityId, identityPartsSchema.parse(after === null ? {} : { history: after }).history));
    const ids = pages.flat().map(({ id }) => Number(id));
    expect(pages.map(({ length }) => length)).toEqual([40, 40, 13]);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
    expect(pages.at(-1)?.at(-1)?.sentence).toContain("became known");
  });

  it.each([["x"], ["-1"], ["9".repeat(30)], [["1", "2"]], [""]])("begins at the start where the address asks for %j", (asked) => {
    expect(identityPartsSchema.parse({ holds: asked, credentials: asked, grants: asked, history: asked })).toEqual({ holds: null, credentials: null, grants: null, history: null });
  });
});
