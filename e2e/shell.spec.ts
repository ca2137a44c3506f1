import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

async function identityId(name: string): Promise<string> {
  return withDatabase(async (client) => {
    const { rows } = await client.query<{ id: string }>("select id from identities where name = $1", [name]);
    return rows[0]?.id ?? "";
  });
}

async function openIdentities(page: Page, query = ""): Promise<void> {
  await page.goto(`/identities${query}`);
  await expect(page.getByRole("table", { name: "identities" })).toBeVisible();
}

const focused = (page: Page) => page.locator(":focus");
const rows = (page: Page) => page.getByRole("table").getByRole("row").filter({ has: page.locator("[data-row-link]") });

test.describe("by keyboard alone", () => {
  test("the skip link leads past the navigation, and back still leads back", async ({ as }) => {
    const page = await as("administrator");
    await openIdentities(page);
    await page.keyboard.press("Tab");
    await expect(focused(page)).toHaveText("Skip to the content");
    await page.keyboard.press("Enter");
    await expect(focused(page)).toHaveAttribute("id", "content");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/identities\/[0-9a-f-]{36}$/);
    await page.goBack();
    await expect(page.getByRole("table", { name: "identities" })).toBeVisible();
  });

  test("j and k walk the rows, enter opens, g and a letter goes elsewhere", async ({ as }) => {
    const page = await as("administrator");
    await openIdentities(page);
    const names = await rows(page).locator("[data-row-link]").allInnerTexts();
    // Rows are there before the page hears keys.
    await expect(async () => {
      await page.keyboard.press("j");
      await expect(focused(page)).toHaveCount(1, { timeout: 500 });
    }).toPass();
    const first = names.indexOf(await focused(page).innerText());
    expect(first).toBeGreaterThanOrEqual(0);
    await page.keyboard.press("j");
    await expect(focused(page)).toHaveText(names[first + 1] ?? "");
    await page.keyboard.press("k");
    await expect(focused(page)).toHaveText(names[first] ?? "");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: names[first] ?? "" })).toBeVisible();
    await page.keyboard.press("g");
    await page.keyboard.press("y");
    await expect(page.getByRole("heading", { level: 1, name: "Systems" })).toBeVisible();
  });

  test("find and help give the focus back to where it was", async ({ as }) => {
    const page = await as("administrator");
    await openIdentities(page);
    const kind = page.getByRole("button", { name: "Kind" });
    await kind.focus();
    await page.keyboard.press("Control+k");
    await expect(page.getByRole("combobox", { name: /^Find/ })).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(kind).toBeFocused();
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(kind).toBeFocused();
  });

  test("find opens what goes by a name", async ({ as }) => {
    const page = await as("requester");
    await page.goto("/");
    await page.getByRole("button", { name: /Find anything/ }).click();
    await page.getByRole("combobox", { name: /^Find/ }).fill("deploy_b");
    await expect(page.getByRole("option", { name: /deploy_bot/ })).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "deploy_bot" })).toBeVisible();
  });

  test("single keys do nothing while one types, nor once they are switched off", async ({ as }) => {
    const page = await as("administrator");
    await openIdentities(page);
    const search = page.getByRole("searchbox");
    await search.fill("g");
    await search.press("y");
    await expect(search).toHaveValue("gy");
    await search.fill("");
    await page.getByRole("heading", { level: 1 }).click();
    await page.keyboard.press("?");
    await page.getByRole("checkbox", { name: /Single keys/ }).uncheck();
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeHidden();
  });
});

test.describe("the list of identities", () => {
  test("keeps its filters, search and order in the address", async ({ as }) => {
    const page = await as("owner");
    await openIdentities(page);
    const before = await rows(page).count();
    await page.getByRole("button", { name: "Kind" }).click();
    await page.getByRole("checkbox", { name: "CI job" }).check();
    await expect(page).toHaveURL(/kind=ci-job/);
    await expect(page.getByRole("link", { name: /Kind: CI job/ })).toBeVisible();
    await expect(async () => expect(await rows(page).count()).toBeLessThan(before)).toPass();
    await page.keyboard.press("Escape");
    await page.getByRole("columnheader", { name: "Last active" }).getByRole("link").click();
    await expect(page).toHaveURL(/sort=-lastActive/);
    const listed = await rows(page).allInnerTexts();
    await page.reload();
    await expect(rows(page)).toHaveCount(listed.length);
    await page.getByRole("link", { name: /Kind: CI job/ }).click();
    await expect(rows(page)).toHaveCount(before);
  });

  test("says so when nothing matches, and clears with one link", async ({ as }) => {
    const page = await as("owner");
    await page.goto("/identities?q=nobody-is-called-that");
    await expect(page.getByText("No identities match")).toBeVisible();
    await page.getByRole("link", { name: "Clear filters" }).click();
    await expect(page.getByRole("table", { name: "identities" })).toBeVisible();
  });

  test("opens whatever its address says", async ({ as, complaints }) => {
    const page = await as("owner");
    await openIdentities(page, "?after=%00&before=%7B%7D&sort=--x&kind=%27%22%3Cb%3E&owner=none,1&state=&hide=name,nothing&environment=%25");
    expect(complaints).toEqual([]);
  });
});

test("reach is shown to the owner side and to auditors, not to everyone", async ({ as }) => {
  const path = `/identities/${await identityId("legacy_etl")}`;
  for (const [persona, isShown] of [["owner", true], ["auditor", true], ["administrator", true], ["requester", false], ["approver", false]] as const) {
    const page = await as(persona);
    await page.goto(path);
    await expect(page.getByRole("heading", { name: "What it holds" })).toBeVisible();
    await expect(page.getByText("Not shown to you"), persona).toHaveCount(isShown ? 0 : 1);
  }
});

test("the theme is chosen once and there before the first paint", async ({ as }) => {
  const page = await as("auditor", { colorScheme: "light" });
  await page.goto("/");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
  await page.reload({ waitUntil: "commit" });
  await page.waitForFunction(() => document.body !== null);
  expect(await page.evaluate(() => document.documentElement.dataset["mantineColorScheme"])).toBe("dark");
});

test.describe("at 360 pixels", () => {
  for (const path of ["/", "/identities", "/systems"]) {
    test(`${path} needs no scrolling sideways`, async ({ as }) => {
      const page = await as("administrator", { viewport: { width: 360, height: 740 } });
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
      await expect(page.getByRole("navigation", { name: "Your places" }).getByRole("link")).toHaveCount(4);
      await page.getByRole("button", { name: "All pages" }).click();
      await expect(page.getByRole("dialog").getByRole("link", { name: "Identities" })).toBeVisible();
    });
  }

  test("an owner has reviews under the thumb, and everything else behind More", async ({ as }) => {
    const page = await as("owner", { viewport: { width: 360, height: 740 } });
    await page.goto("/identities");
    const bar = page.getByRole("navigation", { name: "Your places" });
    await expect(bar.getByRole("link")).toHaveText([/Overview/, /Reviews/, /Identities/, /Requests/]);
    await bar.getByRole("button", { name: "More" }).click();
    await page.getByRole("dialog").getByRole("link", { name: "Findings" }).click();
    await expect(page).toHaveURL(/\/findings/);
    await bar.getByRole("link", { name: "Reviews" }).click();
    await expect(page).toHaveURL(/\/reviews/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});
