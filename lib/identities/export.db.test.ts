import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { readEventsAbout } from "@/lib/ledger/read";
import { makePerson } from "@/lib/requests/test-world";
import { exportIdentities } from "./export";
import { listIdentities } from "./views/list";
import { identityListSchema } from "./views/list-schema";

let auditor: PersonActor;
let owner: PersonActor;

const parsed = (query: string) => identityListSchema.parse(Object.fromEntries(new URLSearchParams(query)));

async function exported(actor: PersonActor, query: string) {
  const started = await exportIdentities({ actor, query: parsed(query) });
  if (!started.ok) throw new TypeError(started.code);
  const text = await new Response(started.value.body).text();
  return { ...started.value, text, lines: parse(text, { columns: true }) as Record<string, string>[] };
}

beforeAll(async () => {
  auditor = await makePerson("Aurel", ["auditor"]);
  owner = await makePerson("Olga", ["owner"]);
  await db.$executeRaw`
    insert into identities (id, name, kind, environment, state, source, owner_id, tags, first_seen_at, last_seen_at, exposure, description)
    select gen_random_uuid(), 'file-' || n, 'bot', 'production', 'unowned', 'seed', case when n = 7 then ${owner.personId}::uuid end, array['a,b', '"q"'], now(), now(), n % 90,
      case n when 1 then '=HYPERLINK("http://evil.example")' when 2 then '  +1' when 3 then E'-2\nnext line' when 4 then '@sum' when 5 then E'\t=1' when 6 then 'plain' end
    from generate_series(1, 300) n`;
});

describe("the list as a file", () => {
  it.each(["", "q=file-1&sort=-exposure", "owner=none&sort=-owner&exposure=50-74", "tag=a", "active=unseen&shared=no", "q=it%27s%20%5C%25_"])("holds the rows of the list %j in its order, and no other", async (query) => {
    const { lines, rows, fileName } = await exported(auditor, query);
    const shown: string[] = [];
    let after: string | null = null;
    do {
      const page = await listIdentities({ ...parsed(query), after });
      shown.push(...page.rows.map(({ id }) => id));
      after = page.next;
    } while (after !== null);
    expect(lines.map(({ id }) => id)).toEqual(shown);
    expect(rows).toBe(shown.length);
    expect(fileName).toContain(`-${rows}-rows.csv`);
  });

  it("lets no spreadsheet run what somebody wrote", async () => {
    const { lines } = await exported(auditor, "");
    const descriptions = Object.fromEntries(lines.map(({ name, description }) => [name, description]));
    expect(descriptions).toMatchObject({ "file-1": `'=HYPERLINK("http://evil.example")`, "file-2": "'  +1", "file-3": "'-2\nnext line", "file-4": "'@sum", "file-5": "'\t=1", "file-6": "plain", "file-8": "" });
    expect(lines[0]?.["tags"]).toBe(`a,b; "q"`);
  });

  it("keeps reach to those who may see it", async () => {
    const { lines } = await exported(owner, "");
    expect(lines.filter(({ exposure }) => exposure !== "").map(({ name }) => name)).toEqual(["file-7"]);
    expect((await exported(auditor, "")).lines.every(({ exposure }) => exposure !== "")).toBe(true);
  });

  it("is an event, with the number of rows and what it was filtered by", async () => {
    await exported(auditor, "q=file-1&kind=bot");
    const events = await readEventsAbout("person", auditor.personId);
    expect(events.at(-1)).toMatchObject({ type: "identity.list-exported", data: { rows: 111, filtered: ["q", "kind"] } });
  });

  it("frees its place when the reader goes away", async () => {
    for (let round = 0; round < 5; round += 1) {
      const started = await exportIdentities({ actor: auditor, query: parsed("") });
      if (!started.ok) throw new TypeError(started.code);
      await started.value.body.cancel();
    }
    expect((await exported(auditor, "")).lines).toHaveLength(300);
  });
});
