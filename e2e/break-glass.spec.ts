import { createHash, randomUUID } from "node:crypto";
import { expect, type Page } from "@playwright/test";
import canonicalize from "canonicalize";
import pg from "pg";
import { withDatabase } from "./fixtures/database";
import { ownIdentity, signInAs, withRoles } from "./fixtures/directory";
import { test } from "./fixtures/test";
import { pick, readCredential } from "./pages/requests";

/** A story's own people and things: nobody else's emergencies, debts or duties. */
type Cast = { readonly mark: string; readonly teamId: string; readonly onCallId: string; readonly identityId: string; readonly identity: string };

async function cast(): Promise<Cast> {
  const mark = randomUUID().slice(0, 8);
  const [teamId, onCallId] = [randomUUID(), randomUUID()];
  const identity = `glass-${mark}`;
  await withDatabase(async (client) => {
    await client.query("insert into people (id, issuer, subject, name, email, created_at) values ($1, 'https://login.example.com', $2, $3, $4, now())", [onCallId, onCallId, `Nadia ${mark}`, `${mark}@demo.curfew.test`]);
    await client.query("insert into teams (id, name) values ($1, $2)", [teamId, `Rescue ${mark}`]);
    await client.query("insert into team_members (team_id, person_id) values ($1, $2)", [teamId, onCallId]);
    await client.query("insert into on_call (id, team_id, person_id, from_at, until_at, set_at) values ($1, $2, $3, now() - interval '1 hour', now() + interval '1 day', now())", [randomUUID(), teamId, onCallId]);
  });
  await withRoles(onCallId, "requester");
  const identityId = await ownIdentity(identity, { owner: onCallId, sponsor: onCallId, backup: null });
  await withDatabase((client) => client.query("update identities set team_id = $1 where id = $2", [teamId, identityId]));
  return { mark, teamId, onCallId, identityId, identity };
}

/** Nobody of the story is on call any more, and what it left is theirs alone. */
async function strike({ onCallId, identityId }: Cast): Promise<void> {
  await withDatabase(async (client) => {
    await client.query("delete from on_call where person_id = $1", [onCallId]);
    await client.query("update people set left_at = now() where id = $1", [onCallId]);
    await client.query("delete from person_roles where person_id = $1", [onCallId]);
    await client.query("update identities set state = 'offboarded' where id = $1", [identityId]);
  });
}

/** A device with a screen lock, as Chromium makes one up, and a passkey on it. */
async function enrol(page: Page, personId: string): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } as const;
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  await page.goto(`/people/${personId}`);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Pager");
  await page.getByRole("dialog").getByRole("button", { name: "Make passkey" }).click();
  await expect(page.getByText("Pager is added.")).toBeVisible();
}

type Breaking = { readonly identity: string; readonly access: string; readonly incident: string };

/** Fills the form in until it says what follows. */
async function fill(page: Page, { identity, access, incident }: Breaking): Promise<void> {
  await page.goto("/break-glass/new");
  await pick(page, "Identity", identity);
  await pick(page, "Access", access);
  await page.getByLabel("Incident").fill(incident);
  await page.getByLabel("What is broken").fill("Orders are stuck, customers wait, nobody answers");
}

async function breakIt(page: Page): Promise<string> {
  await page.getByLabel("For how long").selectOption({ label: "5 min" });
  await page.getByLabel(/I know what follows/).check();
  await page.getByRole("button", { name: "Break the glass with my passkey" }).click();
  await page.waitForURL(/\/break-glass\/[0-9a-f]{8}-[0-9a-f-]{27}$/);
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

async function query(credential: Record<string, string>, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ host: credential["host"], port: Number(credential["port"]), database: credential["database"], user: credential["user"], password: credential["password"] });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function endAccess(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^End (session|now)/ }).first().click();
  const dialog = page.getByRole("dialog");
  if (await dialog.isVisible()) await dialog.getByRole("button", { name: /^End/ }).click();
}

test("break-glass, from the click to a credential that works, to a paid debt", async ({ as, origin, complaints }) => {
  const people = await cast();
  const page = await as(null);
  await signInAs(page.context(), origin, people.onCallId);

  await test.step("without a passkey it goes no further, and says so", async () => {
    await fill(page, { identity: people.identity, access: "read payments", incident: "INC-2201" });
    const follows = page.getByRole("region", { name: "What follows" });
    await expect(follows).toContainText("Farah Aziz");
    await expect(follows).toContainText("told at once that you passed over their decision");
    await page.getByLabel("For how long").selectOption({ label: "5 min" });
    await page.getByRole("button", { name: "Break the glass with my passkey" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Confirm that you know what follows." })).toBeVisible();
    await page.getByLabel(/I know what follows/).check();
    await page.getByRole("button", { name: "Break the glass with my passkey" }).click();
    await expect(page.getByRole("alert").filter({ hasText: /passkey/ })).toBeVisible();
  });

  await enrol(page, people.onCallId);
  const glassId = await test.step("with one it is open in seconds", async () => {
    await fill(page, { identity: people.identity, access: "read payments", incident: "INC-2201" });
    return breakIt(page);
  });

  await test.step("the credential is a real login", async () => {
    await expect(page.getByText("The glass is broken.")).toBeVisible();
    await page.getByRole("button", { name: /Get the credential|Activate/ }).click();
    const credential = await readCredential(page);
    expect(await query(credential, "select 1 as works")).toEqual([{ works: 1 }]);
  });

  const security = await as("second-approver");
  await test.step("it is red for those who may know, and those passed over are told by name", async () => {
    const administrator = await as("administrator");
    await administrator.goto("/systems");
    await expect(administrator.getByRole("complementary", { name: "Break-glass" })).toBeVisible();
    await security.goto("/break-glass");
    await expect(security.getByRole("complementary", { name: "Break-glass" })).toBeVisible();
    await security.goto(`/break-glass/${glassId}`);
    await expect(security.getByText("The access still lives.")).toBeVisible();
    const told = await withDatabase((client) =>
      client.query<{ name: string }>("select p.name from inbox_items i join notices n on n.id = i.notice_id join people p on p.id = i.person_id where n.kind = 'break-glass-skipped' and n.link = $1", [`/break-glass/${glassId}`]),
    );
    expect(told.rows.map(({ name }) => name)).toContain("Farah Aziz");
    const requester = await as("requester");
    await requester.goto("/requests");
    await expect(requester.getByText(people.identity)).toHaveCount(0);
  });

  await test.step("ended, it is owed, and nobody of the asking side pays it", async () => {
    await page.goto(`/break-glass/${glassId}`);
    await endAccess(page);
    await expect(page.getByText("Your role does not allow this any more.").or(page.getByText("You are on the asking side: somebody else has to."))).toBeVisible();
    await expect(page.getByRole("button", { name: "Close the debt" })).toHaveCount(0);
  });

  await test.step("somebody off the asking side reviews what was seen, and closes it", async () => {
    await security.goto("/break-glass");
    await security.getByRole("link", { name: new RegExp(people.identity) }).click();
    await expect(security.getByText(/Curfew looks every few seconds/)).toBeVisible();
    await security.getByLabel("What the review found").selectOption({ label: "Justified" });
    await security.getByLabel("Findings").fill("One login, one statement, the payment went through");
    await security.getByRole("button", { name: "Close the debt" }).click();
    await expect(security.getByRole("heading", { name: "The debt is closed" })).toBeVisible();
  });
  await strike(people);
  expect(complaints).toEqual([]);
});

/** Puts a policy in force that fails whenever somebody asks about breaking the glass of one identity; answers what takes it back. */
async function withFailingPolicy(identity: string): Promise<() => Promise<void>> {
  const text = `@reason("Fails on purpose")\nforbid (principal, action == Action::"break-glass", resource) when { principal.name == "${identity}" && context.durationSeconds * 9223372036854775807 > 0 };`;
  const before = await withDatabase(async (client) => {
    const { rows } = await client.query<{ hash: string; policies: Record<string, string> }>("select hash, policies from policy_sets where activated_at is not null order by activated_at desc, version desc limit 1");
    const [active] = rows;
    if (!active) throw new TypeError("a policy set is in force");
    const policies = { ...active.policies, [`fails-${identity}`]: text };
    const hash = createHash("sha256").update(canonicalize(policies) ?? "").digest("hex");
    await client.query("insert into policy_sets (hash, policies, created_at, activated_at) values ($1, $2, now(), clock_timestamp())", [hash, JSON.stringify(policies)]);
    return active.hash;
  });
  return () => withDatabase(async (client) => void (await client.query("update policy_sets set activated_at = clock_timestamp() where hash = $1", [before])));
}

test("on the worst day, with policy and the ticket system down, the list still opens the glass, and says so", async ({ as, origin }) => {
  const people = await cast();
  const page = await as(null);
  await signInAs(page.context(), origin, people.onCallId);
  await enrol(page, people.onCallId);
  const providerId = randomUUID();
  await withDatabase((client) =>
    client.query("insert into ticket_providers (id, kind, name, base_url, may_be_inside, rules, created_at) values ($1, 'redmine', $2, 'http://127.0.0.1:9', true, $3, now())", [
      providerId, `Down ${people.mark}`, JSON.stringify({ keyPrefix: `DN${people.mark}-` }),
    ]),
  );
  const incident = `DN${people.mark}-77`;
  const takeBack = await withFailingPolicy(people.identity);
  try {
    await test.step("whoever is not on the list is told why, and what to do", async () => {
      await fill(page, { identity: people.identity, access: "read payments", incident });
      await expect(page.getByText("Policy cannot be asked right now, and you are not on the list")).toBeVisible();
      await expect(page.getByRole("button", { name: /Break the glass/ })).toHaveCount(0);
    });
    await withDatabase((client) =>
      client.query(
        `insert into break_glass_list (id, team_id, entitlement_id, reason, since, until, confirmed_by_id)
         select $1, $2, e.id, 'Rescue keeps the shop alive', now(), now() + interval '1 day', (select person_id from person_roles where role = 'administrator' limit 1)
         from entitlements e where e.name = 'read payments'`,
        [randomUUID(), people.teamId],
      ),
    );
    await fill(page, { identity: people.identity, access: "read payments", incident });
    await page.getByLabel("Incident").blur();
    const follows = page.getByRole("region", { name: "What follows" });
    await expect(follows).toContainText("you are on the list");
    await expect(follows).toContainText("the ticket system did not answer");
    await breakIt(page);
    const flags = page.getByRole("list", { name: "What makes it louder" });
    await expect(flags).toContainText("Allowed by the list for the worst day, not by policy");
    await expect(flags).toContainText("Policy could not be asked");
    await expect(flags).toContainText("The ticket system did not answer");
    await page.getByRole("button", { name: /Get the credential|Activate/ }).click();
    const credential = await readCredential(page);
    expect(await query(credential, "select 1 as works")).toEqual([{ works: 1 }]);
    await expect(page.getByText("It weighs 2")).toBeVisible();
    await page.reload();
    await endAccess(page);
    await expect(page.getByText("You are on the asking side: somebody else has to.").or(page.getByText("Your role does not allow this any more."))).toBeVisible();
  } finally {
    await takeBack();
    await withDatabase(async (client) => {
      await client.query("update break_glass_list set ended_at = now() where team_id = $1", [people.teamId]);
      await client.query("update ticket_providers set is_enabled = false where id = $1", [providerId]);
    });
    await strike(people);
  }
});
