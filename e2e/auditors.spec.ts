import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { callAction, serverActions } from "./fixtures/actions";
import { withDatabase } from "./fixtures/database";
import { directoryOf, signInAs, withRoles } from "./fixtures/directory";
import { send } from "./fixtures/http";
import { apiRoutes } from "./fixtures/routes";
import { signInCookie, signInToken } from "./fixtures/sign-in";
import { readArchive } from "../lib/evidence/test-archive";
import { expect, test } from "./fixtures/test";

const someId = "01900000-0000-7000-8000-000000000000";
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** The address of every signed-in page, so that a new one is tried from its first day. */
function pages(folder = "app/(dashboard)"): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return pages(file);
    return entry.name === "page.tsx" ? [`/${path.relative("app/(dashboard)", folder).replace(/\[[^\]]+\]/g, someId)}`] : [];
  });
}

/** What an engagement opens: its own pages, and what they ask for. */
const open = ["/evidence", `/evidence/${someId}`, "/evidence/exports", "/evidence/questions", "/evidence/controls", `/evidence/controls/${someId}`, "/evidence/engagement"];
const openPermissions = ["evidence:view-bounded", "evidence:export", "control:view"];

async function engage(personId: string, { until = day(20), names = false, systemIds = [] as readonly string[] } = {}): Promise<void> {
  await withDatabase(async (client) => {
    await client.query("update engagements set lifted_at = now() where person_id = $1 and lifted_at is null", [personId]);
    await client.query(
      `insert into engagements (id, person_id, since, until, from_day, to_day, system_ids, names, reason, given_by_id)
       select $1, $2, now() - interval '1 hour', $3, $4, $5, $6, $7, 'a browser test', p.id from people p where p.subject = 'administrator'`,
      [randomUUID(), personId, until, day(-2), day(1), systemIds, names],
    );
  });
}

async function disengage(people: readonly string[]): Promise<void> {
  await withDatabase(async (client) => {
    await client.query("update engagements set ended_at = now(), lifted_at = now() where person_id = any($1) and lifted_at is null", [people]);
    await client.query("delete from person_roles where person_id = any($1)", [people]);
    await client.query("update people set left_at = now() where id = any($1)", [people]);
  });
}

test.describe("an engagement opens its evidence and nothing else", () => {
  let person = "";
  let cookie = "";
  test.beforeEach(async ({ as, origin }) => {
    const mark = randomUUID().slice(0, 8);
    person = await (await directoryOf(await as("administrator"), origin, `Bound ${mark}`)).create(`Bounded ${mark}`);
    await engage(person);
    const page = await as(null);
    await signInAs(page.context(), origin, person);
    cookie = `${signInCookie(origin)}=${await signInToken(page.context(), origin)}`;
  });
  test.afterEach(() => disengage([person]));

  test("no other page", async ({ origin }) => {
    for (const address of pages()) {
      const { body } = await send(origin, { path: address, headers: { cookie } });
      expect(body.includes("not part of your engagement"), address).toBe(!open.includes(address));
    }
  });

  test("no other route", async ({ origin }) => {
    for (const route of apiRoutes().filter(({ auth }) => auth === "session")) {
      for (const method of route.methods) {
        const { status } = await send(origin, { method, path: route.path, headers: { origin, cookie, "content-type": "application/json" }, ...(method === "GET" ? {} : { body: "{}" }) });
        if (openPermissions.includes(route.permission ?? "")) expect(status, route.path).not.toBe(403);
        else expect(status, `${method} ${route.path}`).toBe(403);
      }
    }
  });

  test("no other action", async ({ origin }) => {
    for (const { name, endpoint, permission } of serverActions()) {
      if (!endpoint || openPermissions.includes(permission)) continue;
      expect((await callAction(origin, endpoint, { cookie, fields: {} })).body, name).toContain('"status":"refused","code":"no-permission"');
    }
  });

  test("and nothing at all once it is over", async ({ origin }) => {
    await withDatabase((client) => client.query("update engagements set ended_at = now() where person_id = $1 and lifted_at is null", [person]));
    for (const address of pages()) expect((await send(origin, { path: address, headers: { cookie } })).body, address).toContain("Your engagement as an auditor is over");
    for (const route of apiRoutes().filter(({ auth, methods }) => auth === "session" && methods.includes("GET"))) {
      expect((await send(origin, { path: route.path, headers: { cookie } })).status, route.path).toBe(403);
    }
  });
});

test("an engagement shows its systems only, with pseudonyms, and what is opened is on record", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 8);
  const administrator = await as("administrator");
  const directory = await directoryOf(administrator, origin, `Scope ${mark}`);
  const person = await directory.create(`Scoped ${mark}`);
  const chains = await withDatabase(async (client) => {
    const { rows } = await client.query<{ id: string; system_id: string; system: string; intent: string; requester: string; requester_id: string; event_id: string }>(
      `select r.id, e.system_id, s.name as system, r.intent, p.name as requester, p.id as requester_id,
         (select min(su.event_id)::text from ledger.subject su where su.kind = 'request' and su.id = r.id) as event_id from requests r join people p on p.id = r.requester_id join request_entitlements re on re.request_id = r.id
       join entitlements e on e.id = re.entitlement_id join systems s on s.id = e.system_id where r.submitted_at > now() - interval '1 day' and length(r.intent) > 12
         and (select count(*) from request_entitlements x where x.request_id = r.id) = 1
         and exists (select from ledger.subject su where su.kind = 'request' and su.id = r.id) order by r.submitted_at desc`,
    );
    return rows;
  });
  const [inside] = chains;
  expect(inside, "the demo has a request of today").toBeDefined();
  if (!inside) return;
  try {
    await engage(person, { systemIds: [inside.system_id] });
    const page = await as(null);
    await signInAs(page.context(), origin, person);
    await page.goto("/");
    await expect(page.getByRole("heading", { name: "Overviews are not part of your engagement" })).toBeVisible();
    await page.getByRole("link", { name: "Go to the evidence" }).click();
    await expect(page.getByText("Persons have pseudonyms")).toBeVisible();
    await page.goto(`/evidence/${inside.id}`);
    await expect(page.getByText(/requester [0-9a-f]{6}/).first()).toBeVisible();
    const text = await page.content();
    for (const hidden of [inside.intent, inside.requester, inside.requester_id]) expect(text).not.toContain(hidden);
    const status = async (address: string) => (await page.request.get(address)).status();
    expect(await status(`/api/evidence/events/${inside.event_id}`), "exact bytes hold ids of persons").toBe(404);
    expect([200, 409], "its proof, once a checkpoint covers it").toContain(await status(`/api/evidence/events/${inside.event_id}/proof`));

    // Questions and controls answer within the engagement, and lead only to what it opens.
    await page.getByRole("link", { name: "Evidence", exact: true }).first().click();
    const places = page.getByRole("navigation", { name: "Parts of the evidence" });
    await places.getByRole("link", { name: "Questions" }).click();
    const population = page.getByRole("listitem").filter({ hasText: "What is the whole population?" });
    const rows = Number(/(\d+) rows?$/.exec(await population.innerText())?.[1]);
    expect(rows).toBeGreaterThan(0);
    await expect(page.getByRole("link", { name: /Which standing access/ }), "a question about the whole installation").toHaveCount(0);
    await population.getByRole("link").click();
    await expect(page.getByText(`${rows} ${rows === 1 ? "chain" : "chains"}`, { exact: true })).toBeVisible();
    await page.goto("/evidence/controls/owasp-nhi-nhi1-2025");
    await expect(page.getByText("of the chains of your engagement only")).toBeVisible();
    await expect(page.getByRole("main").locator("a[href^='/identities'], a[href^='/sessions'], a[href^='/break-glass']")).toHaveCount(0);

    // Their own page says what they are here for, and what of it is on record.
    await page.getByRole("button", { name: new RegExp(`^Scoped ${mark}`) }).click();
    await page.getByRole("link", { name: "Your engagement" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Your engagement" })).toBeVisible();
    const shown = page.getByRole("main");
    for (const fact of [inside.system, `from ${day(-2)} to ${day(1)}`, "persons have pseudonyms", "a browser test", "What you open and take is on record"]) await expect(shown).toContainText(fact);
    await expect(page.getByRole("table", { name: "looks" }).getByRole("link", { name: "opened a chain" }).first()).toHaveAttribute("href", `/evidence/${inside.id}`);
    const outside = chains.find(({ system_id }) => system_id !== inside.system_id);
    if (outside) {
      await page.goto(`/evidence/${outside.id}`);
      await expect(page.getByText("There is nothing at this address")).toBeVisible();
    }
    // Nor is there anything at the address of an event or a file that really is there for others.
    const beyond = await withDatabase(async (client) => {
      const events = await client.query<{ id: string }>(
        `(select su.event_id::text as id from ledger.subject su join requests r on r.id = su.id and su.kind = 'request'
            where r.submitted_at < now() - interval '3 days' or exists (select from request_entitlements x join entitlements e on e.id = x.entitlement_id where x.request_id = r.id and e.system_id <> $1) limit 3)
         union all (select v.id::text from ledger.event v where v.type in ('person.role-given', 'person.registered') limit 2)`,
        [inside.system_id],
      );
      const files = await client.query<{ id: string }>("select id from exports where state = 'complete' limit 2");
      return [...events.rows.flatMap(({ id }) => [`/api/evidence/events/${id}`, `/api/evidence/events/${id}/proof`]), ...files.rows.flatMap(({ id }) => [`/api/evidence/exports/${id}`, `/api/evidence/exports/${id}/report-card`])];
    });
    expect(beyond.length).toBeGreaterThan(0);
    for (const address of beyond) expect(await status(address), address).toBe(404);
    const offered = await page.request.get("/api/evidence/choices?kind=requester&q=");
    expect(await offered.text(), "names of people are offered to nobody without names").not.toContain(inside.requester);

    // Their files are rows, by the same pseudonyms.
    await page.goto("/evidence/exports");
    await expect(page.getByRole("button", { name: /^Export .* as / })).toHaveCount(2);
    await page.getByRole("button", { name: /^Export .* as CSV$/ }).click();
    const ready = page.getByRole("link", { name: "Download the CSV file" });
    await expect(ready).toBeVisible({ timeout: 60_000 });
    const taken = await page.request.get((await ready.getAttribute("href")) ?? "");
    const file = readArchive(await taken.body()).get("chains.csv")?.toString("utf8") ?? "";
    expect(file).toContain(inside.id);
    expect(file).toMatch(/requester [0-9a-f]{6}/);
    for (const hidden of [inside.intent, inside.requester, inside.requester_id]) expect(file).not.toContain(hidden);

    await administrator.goto("/settings/auditors");
    const row = administrator.getByRole("row").filter({ hasText: `Scoped ${mark}` }).filter({ hasText: "opened a chain" });
    await expect(row.first()).toContainText("engagement");
    await expect(row.first().getByRole("link", { name: "opened a chain" })).toHaveAttribute("href", `/evidence/${inside.id}`);
  } finally {
    await disengage([person]);
  }
});

test("an engagement is given by two administrators, and ended by one", async ({ as, origin }) => {
  const mark = randomUUID().slice(0, 8);
  const first = await as("administrator");
  const directory = await directoryOf(first, origin, `Given ${mark}`);
  const [second, chosen] = [await directory.create(`Second ${mark}`), await directory.create(`Engaged ${mark}`)];
  await withRoles(second, "administrator");
  try {
    await first.goto("/settings/auditors");
    await first.getByText("Give an engagement", { exact: true }).click();
    const form = first.getByRole("form", { name: "Give an engagement" });
    await form.getByRole("combobox", { name: "Auditor" }).fill(`Engaged ${mark}`);
    await first.getByRole("option", { name: `Engaged ${mark}` }).click();
    await form.getByLabel("Sees nothing any more after").fill(day(30));
    await form.getByLabel("Evidence asked from").fill(day(-90));
    await form.getByLabel("Evidence asked to").fill(day(0));
    await form.getByLabel("What it is for").fill("The yearly audit of access");
    await form.getByLabel(/^No: persons have pseudonyms/).check();
    await form.getByRole("button", { name: "Give engagement" }).click();
    await expect(form.getByText("Choose systems, or every system.")).toBeVisible();
    await form.getByLabel("Every system").check();
    await form.getByRole("button", { name: "Give engagement" }).click();
    await expect(form.getByText("This waits for a second administrator")).toBeVisible();

    const other = await as(null);
    await signInAs(other.context(), origin, second);
    await other.goto("/people");
    await other.getByRole("button", { name: new RegExp(`^Confirm: Let Engaged ${mark} see`) }).click();
    await expect(other.getByRole("button", { name: new RegExp(`^Confirm: Let Engaged ${mark} see`) })).toHaveCount(0);
    await other.goto("/settings/auditors");
    const row = other.getByRole("listitem").filter({ hasText: `Engaged ${mark}` });
    await expect(row).toContainText("every system");
    await row.getByRole("button", { name: `End the engagement of Engaged ${mark}` }).click();
    await other.getByRole("dialog").getByRole("button", { name: `End the engagement of Engaged ${mark}` }).click();
    await expect(row).toContainText("over");
    await row.getByRole("button", { name: `Remove the engagement of Engaged ${mark}` }).click();
    await other.getByRole("dialog").getByRole("button", { name: `Remove the engagement of Engaged ${mark}` }).click();
    await expect(row).toHaveCount(0);
  } finally {
    await disengage([second, chosen]);
  }
});
