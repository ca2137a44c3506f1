import AxeBuilder from "@axe-core/playwright";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import pg from "pg";
import type { DemoTarget } from "../scripts/demo/target-accounts";
import { installation, withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

const demoTarget = () => JSON.parse(readFileSync(installation()["CURFEW_DEMO_TARGET_FILE"] ?? "", "utf8")) as DemoTarget;

/** Signs in on the target as the service would. */
async function signInOnTarget(user: string): Promise<string> {
  const { host, port, services } = demoTarget();
  const client = new pg.Client({ host, port, database: "orders", user, password: services[user] });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<{ user: string }>("select current_user::text as user")).rows[0]?.user ?? "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The worker acts on the target and looks at it twice. */
const slow = { timeout: 45_000 };

async function open(page: Page, name: string): Promise<void> {
  const id = await withDatabase(async (client) => (await client.query<{ id: string }>("select id from identities where name = $1", [name])).rows[0]?.id ?? "");
  await page.goto(`/identities/${id}`);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible(slow);
}

const panelOf = (page: Page) => page.getByRole("region", { name: "Suspension" });
const newest = (page: Page, name: string) => panelOf(page).getByRole("article", { name: `Rehearsal of ${name}` }).first();

async function rehearse(page: Page, name: string, refusal: "Undo at the first one" | "Only tell it"): Promise<void> {
  await open(page, name);
  await panelOf(page).getByRole("button", { name: "Suspend…" }).click();
  const dialog = page.getByRole("dialog", { name: `Suspend ${name}` });
  await dialog.getByLabel("What to do").selectOption({ label: "Rehearse: give it back by itself" });
  await dialog.getByLabel("Undo by itself after").selectOption("1");
  await dialog.getByLabel("When a sign-in is refused").selectOption({ label: refusal });
  await dialog.getByLabel("Open connections").selectOption({ label: "Cut them, in the middle of their work" });
  await dialog.getByLabel("Why").fill("Nobody has seen it at work for long");
  await dialog.getByRole("button", { name: "Begin the rehearsal" }).click();
  await expect(newest(page, name)).toBeVisible(slow);
}

// Each waits several times for the worker.
test.describe.configure({ timeout: 180_000 });

test("a rehearsal suspends a real role, which can then not sign in, and its undo gives exactly that back", async ({ as }) => {
  const name = "partner_feed";
  expect(await signInOnTarget(name)).toBe(name);
  const page = await as("owner");
  await rehearse(page, name, "Only tell it");
  await expect(newest(page, name).getByText("proven", { exact: true })).toBeVisible(slow);
  await expect(newest(page, name)).toContainText("sign-in not allowed");
  await expect(newest(page, name)).toContainText("0 open connections cut");
  expect(await signInOnTarget(name)).toBe(`role "${name}" is not permitted to log in`);
  const { violations } = await new AxeBuilder({ page }).include("main").analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  await panelOf(page).getByRole("button", { name: "Undo now" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Undo the suspension" }).click();
  await expect(newest(page, name).getByText("undone", { exact: true })).toBeVisible(slow);
  expect(await signInOnTarget(name)).toBe(name);
});

test("a rehearsal undoes itself at the first sign-in that the target refused", async ({ as }) => {
  const name = "coupon_import";
  const page = await as("owner");
  await rehearse(page, name, "Undo at the first one");
  await expect(newest(page, name).getByText("proven", { exact: true })).toBeVisible(slow);
  expect(await signInOnTarget(name)).toBe(`role "${name}" is not permitted to log in`);
  await expect(newest(page, name).getByText("undone", { exact: true })).toBeVisible(slow);
  await expect(newest(page, name)).toContainText("a sign-in was refused");
  expect(await signInOnTarget(name)).toBe(name);
});

test("whoever does not answer for an identity is not offered to suspend it, and what Curfew may not touch says which statement would change that", async ({ as }) => {
  const page = await as("approver");
  await open(page, "old_forecast");
  await expect(page.getByRole("button", { name: "Suspend…" })).toHaveCount(0);
  const other = await as("administrator");
  await open(other, "backup_agent");
  await expect(panelOf(other)).toContainText('GRANT "backup_agent" TO "curfew_connector" WITH ADMIN OPTION');
  await expect(panelOf(other).getByRole("button", { name: "Suspend…" })).toHaveCount(0);
});

test("an administrator discovers a system now and sees what came of it", async ({ as }) => {
  const page = await as("administrator");
  const id = await withDatabase(async (client) => (await client.query<{ id: string }>("select id from systems where name = 'orders-db'")).rows[0]?.id ?? "");
  await page.goto(`/systems/${id}`);
  const runs = page.getByRole("region", { name: "Discovery", exact: true });
  await runs.getByRole("button", { name: "Discover now" }).click();
  await expect(runs.getByText("asked for by Ada", { exact: false }).first()).toBeVisible();
  await expect(runs.getByRole("button", { name: "Discover now" })).toBeVisible(slow);
  await expect(runs.getByRole("listitem").first()).toContainText(/nothing new|\d+ new/);
  await expect(runs).toContainText("Sign-ins are read from the server's log");
});
