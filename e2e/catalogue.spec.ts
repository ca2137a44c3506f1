import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

const systemId = () => withDatabase(async (client) => (await client.query<{ id: string }>("select id from systems where name = 'orders-db'")).rows[0]?.id ?? "");

async function open(page: Page): Promise<void> {
  await page.goto(`/systems/${await systemId()}`);
  await expect(page.getByRole("heading", { level: 1, name: "orders-db" })).toBeVisible();
}

const entry = (page: Page, name: string) => page.getByRole("listitem").filter({ has: page.getByRole("button", { name: `Edit ${name}`, exact: true }) });
const said = (page: Page, text: string | RegExp) => page.getByRole("status").filter({ hasText: text });

async function setSensitivity(page: Page, name: string, level: string): Promise<void> {
  await entry(page, name).getByRole("button", { name: `Edit ${name}`, exact: true }).click();
  await page.getByRole("dialog").getByLabel("Sensitivity").selectOption(level);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
}

test("a lower sensitivity applies at once while there is one administrator, and says so; a higher one always does", async ({ as }) => {
  const page = await as("administrator");
  await open(page);
  const warehouse = entry(page, "load the warehouse");
  await expect(warehouse).toContainText("medium");
  await expect(warehouse).toContainText("held standing by");
  await setSensitivity(page, "load the warehouse", "low");
  await expect(said(page, "load the warehouse is saved. The lower sensitivity applies at once: you are the only administrator")).toBeVisible();
  await expect(warehouse).toContainText("low");
  await setSensitivity(page, "load the warehouse", "medium");
  await expect(said(page, /^load the warehouse is saved\.$/)).toBeVisible();
  await expect(warehouse).toContainText("medium");
});

test("many are edited alike after a preview that says which of them can change", async ({ as }) => {
  const page = await as("administrator");
  await open(page);
  for (const name of ["orders_owner", "warehouse_owner", "repair orders by hand"]) await page.getByRole("checkbox", { name: `Choose ${name}` }).check();
  await page.getByRole("region", { name: "Chosen entitlements" }).getByRole("button", { name: "Edit 3 entitlements" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "See what can change" }).click();
  await expect(dialog.getByRole("alert")).toContainText("nothing was chosen to change");
  await dialog.getByLabel("Team of the resource").selectOption({ label: "Data" });
  await dialog.getByRole("button", { name: "See what can change" }).click();
  await expect(dialog.getByRole("status")).toContainText("2 of 3 can change.");
  await expect(dialog.getByRole("status")).toContainText("repair orders by hand: it is so already");
  await dialog.getByRole("button", { name: "Change 2 entitlements" }).click();
  await expect(said(page, "2 entitlements changed.")).toBeVisible();
  for (const name of ["orders_owner", "warehouse_owner"]) {
    await expect(entry(page, name)).toContainText("resource of Data");
    await entry(page, name).getByRole("button", { name: `Edit ${name}`, exact: true }).click();
    await dialog.getByLabel("Team of the resource").selectOption("");
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(entry(page, name)).toContainText("resource of nobody");
  }
});

test("an entitlement is found by a part of its name, and cannot be asked for without a purpose", async ({ as }) => {
  const page = await as("administrator");
  await open(page);
  await page.getByLabel("Find an entitlement").fill("orders_ow");
  await page.getByRole("button", { name: "Find", exact: true }).click();
  await expect(page.getByRole("checkbox", { name: /^Choose/ })).toHaveCount(1);
  await entry(page, "orders_owner").getByRole("button", { name: "Edit orders_owner" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("It can be asked for").check();
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("it needs a purpose");
});

test("who only reads systems edits nothing", async ({ as }) => {
  const page = await as("auditor");
  await open(page);
  await expect(page.getByText("held standing by").first()).toBeVisible();
  await expect(page.getByRole("button", { name: /^Edit/ })).toHaveCount(0);
  await expect(page.getByRole("checkbox")).toHaveCount(0);
});

for (const scheme of ["light", "dark"] as const) {
  test(`the catalogue and its forms have no accessibility violation in ${scheme} at 360 px`, async ({ as }) => {
    const page = await as("administrator", { colorScheme: scheme, reducedMotion: "reduce", viewport: { width: 360, height: 800 } });
    await open(page);
    const check = async () => {
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
    };
    await page.getByRole("checkbox", { name: "Choose read orders", exact: true }).check();
    expect(await check()).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    await page.getByRole("button", { name: "Edit 1 entitlement" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await check()).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Edit read orders", exact: true }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    expect(await check()).toEqual([]);
  });
}
