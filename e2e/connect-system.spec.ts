import type { Page } from "@playwright/test";
import { tablesHolding, withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

const password = "not-the-password-of-anything";

test("connecting a system says at its fields what is wrong, keeps what was typed and stores nothing", async ({ as, complaints }) => {
  const page = await as("administrator");
  await page.goto("/systems");
  await page.getByRole("link", { name: "Connect a system" }).click();
  await page.getByLabel("Name", { exact: true }).fill("ledger-db");
  await page.getByLabel("Environment").fill("production");
  await page.getByLabel("Host").fill("db.example.com/ledger");
  await page.getByLabel("Account", { exact: true }).fill("curfew");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Account that proves").fill("curfew");
  await page.getByLabel("Its password").fill(password);
  await page.getByRole("button", { name: "Connect system" }).click();
  await expect(page.getByLabel("Host")).toBeFocused();
  await expect(page.getByLabel("Host")).toHaveValue("db.example.com/ledger");
  await expect(page.getByText("A host name or an IP address.")).toBeVisible();
  await expect(page.getByText(/The probe needs an account of its own/)).toBeVisible();
  expect(await tablesHolding([password, "ledger-db"])).toEqual([]);
  expect(complaints).toEqual([]);
});

/** Connects a system where nothing listens, and answers once its page is there. */
async function connectNowhere(page: Page, name: string): Promise<void> {
  await page.goto("/systems/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Environment").fill("staging");
  await page.getByLabel("Host").fill("127.0.0.1");
  await page.getByLabel("Port").fill("9");
  await page.getByLabel("Encryption").selectOption("disable");
  await page.getByLabel("Account", { exact: true }).fill("curfew");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Connect system" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
}

/** Nothing else in this demo should meet a system that never answers. */
function forget(name: string): Promise<void> {
  return withDatabase(async (client) => {
    await client.query("delete from discovery_runs where system_id in (select id from systems where name = $1)", [name]);
    await client.query("delete from systems where name = $1", [name]);
  });
}

test("a system that does not answer says so, and its connection can be said anew", async ({ as }) => {
  const name = "archive-db";
  const page = await as("administrator");
  await connectNowhere(page, name);
  await expect(async () => {
    await page.reload();
    await expect(page.getByText(/Not reachable for/)).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await page.getByRole("link", { name: "Change connection" }).click();
  await expect(page.getByLabel("Host")).toHaveValue("127.0.0.1");
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  expect(await tablesHolding([password])).toEqual([]);
  await forget(name);
});

test("a connection is changed by saying all of it anew: a mistake keeps the old one, and the change is an event", async ({ as, complaints }) => {
  const name = "moving-db";
  const moved = "not-the-new-password-either";
  const page = await as("administrator");
  await connectNowhere(page, name);
  await page.getByRole("link", { name: "Change connection" }).click();
  await expect(page).toHaveURL(/\/systems\/[^/]+\/connection$/);
  await page.getByLabel("Port").fill("70000");
  await page.getByLabel("Account", { exact: true }).fill("curfew_two");
  await page.getByLabel("Password", { exact: true }).fill(moved);
  await page.getByRole("button", { name: "Save and check again" }).click();
  await expect(page.getByLabel("Port")).toBeFocused();
  await expect(page.getByText("A port is 1 to 65535.")).toBeVisible();
  await expect(page.getByLabel("Account", { exact: true })).toHaveValue("curfew_two");
  expect(await portOf(name), "nothing was saved").toBe("9");
  await page.getByLabel("Port").fill("10");
  await page.getByLabel("Database").fill("ledger");
  await page.getByLabel("Password", { exact: true }).fill(moved);
  await page.getByRole("button", { name: "Save and check again" }).click();
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(page.getByText("127.0.0.1:10/ledger", { exact: true })).toBeVisible();
  expect(await portOf(name)).toBe("10");
  expect(await tablesHolding([moved, password])).toEqual([]);
  expect(complaints).toEqual([]);
  await forget(name);
});

const portOf = (name: string): Promise<unknown> =>
  withDatabase(async (client) => (await client.query<{ port: string }>("select config->>'port' as port from systems where name = $1", [name])).rows[0]?.port);
