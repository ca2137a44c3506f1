import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

const idOf = (name: string) =>
  withDatabase(async (client) => (await client.query<{ id: string }>("select id from identities where name = $1", [name])).rows[0]?.id ?? "");

async function open(page: Page, name: string): Promise<void> {
  await page.goto(`/identities/${await idOf(name)}`);
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

async function pick(page: Page, field: string, name: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: field, exact: true }).fill(name);
  await dialog.getByRole("option", { name }).first().click();
}

const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

test("an administrator names owner and sponsor, and the identity leaves unowned; taking them away leads back", async ({ as }) => {
  const page = await as("administrator");
  await open(page, "loadtest_q3");
  const facts = page.getByRole("region", { name: "Facts" });
  await expect(facts).toContainText("unowned");
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await pick(page, "Owner", "Olga Lindqvist");
  await page.getByRole("dialog").getByLabel("Tags").fill("Load Test, q3");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").filter({ hasText: "It is unowned now" })).toBeVisible();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await pick(page, "Sponsor", "Kofi Mensah");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(facts).not.toContainText("unowned");
  await expect(facts).toContainText("load test");
  await expect(page.getByRole("region", { name: "History" })).toContainText("is answered for by");

  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await page.getByRole("button", { name: "Take Olga Lindqvist away as owner" }).click();
  await page.getByRole("button", { name: "Take Kofi Mensah away as sponsor" }).click();
  await page.getByRole("dialog").getByLabel("Tags").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(facts).toContainText("unowned");
});

test("a standing exception is made, listed and ended; what it answered for is a side door again", async ({ as }) => {
  const page = await as("administrator");
  await open(page, "zapier_hook");
  const holds = page.getByRole("region", { name: "What it holds", exact: true }).first();
  const row = holds.getByRole("row").filter({ hasText: "read payments" });
  await expect(row).toContainText("side door");
  await row.getByRole("button", { name: "Answer for read payments" }).click();
  const dialog = page.getByRole("dialog");
  await pick(page, "Who answers for it", "Farah Aziz");
  await dialog.getByLabel("Why it must stay").fill("The vendor cannot ask for access by itself yet");
  await dialog.getByLabel("What keeps it in check").fill("Its network is closed to everybody else");
  const far = new Date(Date.now() + 400 * 86_400_000).toISOString().slice(0, 10);
  const near = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await dialog.getByLabel("Until the end of").evaluate((input) => input.removeAttribute("max"));
  await dialog.getByLabel("Until the end of").fill(far);
  await dialog.getByRole("button", { name: "Make exception" }).click();
  await expect(dialog.getByRole("alert")).toContainText("at the latest");
  await expect(dialog.getByLabel("Why it must stay")).toHaveValue("The vendor cannot ask for access by itself yet");
  await dialog.getByLabel("Until the end of").fill(near);
  await dialog.getByRole("button", { name: "Make exception" }).click();
  await expect(row).toContainText("standing, by exception");
  await expect(row).toContainText(`Farah Aziz answers for it until ${near}`);
  await expect(row).toContainText("Its network is closed to everybody else");

  await row.getByRole("button", { name: "End the exception for read payments" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End exception" }).click();
  await expect(row).toContainText("side door");
  await expect(page.getByRole("region", { name: "History" })).toContainText("a person ended it, so that the access is a side door again");
});

test("the reach is walked by arrow keys, and Enter leads to the same thing in the table", async ({ as }) => {
  const page = await as("owner");
  await open(page, "billing_sync");
  await page.locator("#reach").scrollIntoViewIfNeeded();
  const graph = page.getByRole("group", { name: "Graph of what billing_sync reaches" });
  const identity = graph.getByRole("button", { name: /^billing_sync, reaches/ });
  await expect(identity).toBeVisible();
  await expect(graph.locator("button[tabindex='0']")).toHaveCount(1);
  await identity.focus();
  await page.keyboard.press("ArrowRight");
  const first = graph.locator("button:focus");
  await expect(first).toHaveAccessibleName(/on orders-db$/);
  const name = (await first.getAttribute("aria-label"))?.split(",")[0] ?? "";
  await page.keyboard.press("ArrowRight");
  await expect(graph.locator("button:focus")).toHaveAccessibleName(/^orders-db, system/);
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("table").locator("tr:focus")).toContainText(name);
});

test("what an identity reaches is not there for who does not answer for it", async ({ as, origin }) => {
  const page = await as("requester");
  await open(page, "billing_sync");
  await expect(page.getByText("Not shown to you")).toBeVisible();
  await expect(page.locator("#reach")).toHaveCount(0);
  expect((await page.context().request.get(`${origin}/api/identities/${await idOf("billing_sync")}/reach`)).status()).toBe(404);
});

test("an identity is registered by hand, and what was typed stays when it is refused", async ({ as }) => {
  const page = await as("owner");
  await page.goto("/identities/new");
  const name = `by-hand-${Date.now().toString(36)}`;
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Description").fill("postgres://svc:hunter2-correct-horse@db.example.com/orders");
  await page.getByRole("button", { name: "Register identity" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "looks like a secret" })).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(name);
  await page.getByLabel("Description").fill("Prints labels in the warehouse");
  await page.getByRole("button", { name: "Register identity" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByRole("region", { name: "Who answers for it" })).toContainText("Olga Lindqvist");
});

for (const scheme of ["light", "dark"] as const) {
  test(`the page, its reach and its forms have no accessibility violation in ${scheme}`, async ({ as }) => {
    const page = await as("administrator", { colorScheme: scheme, reducedMotion: "reduce", viewport: { width: 360, height: 800 } });
    await open(page, "legacy_etl");
    await page.locator("#reach").scrollIntoViewIfNeeded();
    await expect(page.getByRole("group", { name: "Graph of what legacy_etl reaches" })).toBeVisible();
    const check = async () => (await new AxeBuilder({ page }).withTags(tags).analyze()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
    expect(await check()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: "Table", exact: true }).click();
    await page.getByRole("button", { name: "Edit", exact: true }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await check()).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^Answer for/ }).first().click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await check()).toEqual([]);
  });
}
