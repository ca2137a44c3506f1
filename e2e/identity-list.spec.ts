import type { Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { readFile } from "node:fs/promises";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

/** Identities of this story stand in an environment of their own, one for each run beside another. */
const environment = `list-story-${process.env["TEST_PARALLEL_INDEX"] ?? 0}`;
const count = 70;
const closed = 10;

async function remove(): Promise<void> {
  await withDatabase(async (client) => {
    await client.query("delete from saved_views where name like 'List story%'");
    await client.query("delete from identities where environment = $1", [environment]);
  });
}

test.beforeAll(async () => {
  await remove();
  await withDatabase((client) =>
    client.query(
      `insert into identities (id, name, kind, environment, state, source, first_seen_at, last_seen_at, staleness, exposure, scored_at, description, demo)
       select gen_random_uuid(), 'story-' || lpad(n::text, 3, '0'), case when n % 2 = 0 then 'bot' else 'api-key' end, $1,
         case when n > $2 - $3 then 'offboarded' else 'unowned' end, 'person', now(), now(), n % 40, (n * 7) % 60, now(), case when n = 3 then '=1+1 is "no" formula, but text' end, true
       from generate_series(1, $2::int) n`,
      [environment, count, closed],
    ),
  );
});
test.afterAll(remove);

const list = `/identities?environment=${environment}`;
const rows = (page: Page) => page.getByRole("table", { name: "identities" }).getByRole("row").filter({ has: page.locator("[data-row-link]") });
const names = async (page: Page) => (await rows(page).locator("[data-row-link]").allInnerTexts()).map((text) => text.trim());
const selected = (page: Page) => page.getByRole("region", { name: "Selected rows" });

async function open(page: Page, path = list): Promise<void> {
  await page.goto(path);
  await expect(rows(page).first()).toBeVisible();
}

test("sorts by any column, goes on and back by real links, and searches what names and descriptions hold", async ({ as }) => {
  const page = await as("administrator");
  await open(page);
  await page.getByRole("columnheader", { name: "Exposure" }).getByRole("link").click();
  await expect(page).toHaveURL(/sort=-exposure/);
  const expected = await withDatabase(async (client) => {
    const found = await client.query<{ name: string }>("select name from identities where environment = $1 order by exposure desc nulls last, id desc", [environment]);
    return found.rows.map(({ name }) => name);
  });
  await expect(async () => expect(await names(page)).toEqual(expected.slice(0, 50))).toPass();
  await page.getByRole("link", { name: "Next" }).click();
  await expect(rows(page)).toHaveCount(count - 50);
  expect(await names(page)).toEqual(expected.slice(50));
  await page.getByRole("link", { name: "Previous" }).click();
  await expect(async () => expect(await names(page)).toEqual(expected.slice(0, 50))).toPass();
  await page.getByRole("searchbox", { name: /^Search/ }).fill("FORMULA");
  await expect(rows(page)).toHaveCount(1);
  expect(await names(page)).toEqual(["story-003"]);
});

test("says beforehand how many each filter would leave", async ({ as }) => {
  const page = await as("auditor");
  await open(page);
  await page.getByRole("button", { name: "State" }).click();
  const offboarded = page.getByRole("checkbox", { name: /^offboarded/ });
  await expect(page.locator("label", { has: offboarded })).toContainText(String(closed));
  await offboarded.check();
  await expect(rows(page)).toHaveCount(closed);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Kind" }).click();
  await expect(page.locator("label", { has: page.getByRole("checkbox", { name: /^bot/ }) })).toContainText(String(closed / 2));
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "More filters" }).click();
  await page.locator("summary", { hasText: "Last active" }).click();
  await page.getByRole("checkbox", { name: /^never inside/ }).check();
  await expect(page.getByRole("link", { name: /Last active: never inside/ })).toBeVisible();
  await expect(rows(page)).toHaveCount(closed);
});

test("keeps a view, shares it, renames and deletes it", async ({ as }) => {
  const page = await as("owner");
  const views = page.getByRole("navigation", { name: "Views" });
  await open(page, `${list}&kind=bot`);
  await page.getByRole("button", { name: "Keep this view" }).click();
  await page.getByRole("textbox", { name: "Name of the view" }).fill("List story bots");
  await page.getByRole("checkbox", { name: /Share it/ }).check();
  await page.getByRole("button", { name: "Keep view" }).click();
  await expect(views.getByRole("link", { name: "List story bots" })).toHaveAttribute("aria-current", "page");

  const other = await as("auditor");
  await other.goto("/identities");
  await other.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "List story bots" }).click();
  await expect(rows(other)).toHaveCount(count / 2);
  await expect(other.getByRole("button", { name: /Change the view/ })).toHaveCount(0);

  await page.getByRole("button", { name: "Change the view List story bots" }).click();
  await page.getByRole("textbox", { name: "Name of the view" }).fill("List story robots");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(views.getByRole("link", { name: "List story robots" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Change the view List story robots" }).click();
  await page.getByRole("button", { name: "Delete view List story robots" }).click();
  await expect(views.getByRole("link", { name: "List story robots" })).toHaveCount(0);
});

test("remembers which columns are shown and how wide, without a jump", async ({ as }) => {
  const page = await as("administrator");
  await open(page);
  const head = page.getByRole("columnheader", { name: "Identity" });
  const width = async () => Math.round((await head.boundingBox())?.width ?? 0);
  const before = await width();
  const border = page.getByRole("separator", { name: "Width of Identity" });
  await border.focus();
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowRight");
  await expect(async () => expect(await width()).toBeGreaterThan(before + 30)).toPass();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("checkbox", { name: "Credentials" }).check();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("columnheader", { name: "Credentials" })).toBeVisible();
  const drawn = await width();

  await page.goto(list, { waitUntil: "commit" });
  await expect(head).toBeVisible();
  const first = await width();
  await expect(page.getByRole("columnheader", { name: "Credentials" })).toBeVisible();
  expect(Math.abs(first - drawn)).toBeLessThanOrEqual(1);
  await page.getByRole("separator", { name: "Width of Identity" }).focus();
  await page.keyboard.press("Home");
  await border.hover();
  const box = await border.boundingBox();
  if (!box) throw new TypeError("the border is not there");
  await page.mouse.down();
  await page.mouse.move(box.x + 65, box.y + 5, { steps: 4 });
  await page.mouse.up();
  await expect(border).toHaveAttribute("aria-valuetext", /pixels/);
});

test("selects over pages and says what can change before anything does", async ({ as }) => {
  const page = await as("administrator");
  await open(page);
  await page.getByRole("checkbox", { name: "Select all rows on this page" }).check();
  await page.getByRole("link", { name: "Next" }).click();
  await expect(rows(page)).toHaveCount(count - 50);
  await rows(page).first().getByRole("checkbox").check();
  await expect(selected(page)).toContainText("51 selected");
  await selected(page).getByRole("button", { name: `Select all ${count} that match` }).click();
  await expect(selected(page)).toContainText(`${count} selected`);

  await selected(page).getByRole("button", { name: "Add tags" }).click();
  const dialog = page.getByRole("dialog", { name: `Add tags to ${count} identities` });
  await dialog.getByRole("textbox", { name: "Tags" }).fill("list-story");
  await dialog.getByRole("button", { name: "See what can change" }).click();
  await expect(dialog.getByText(`${count - closed} of ${count} can change.`)).toBeVisible();
  await expect(dialog.getByRole("listitem").filter({ hasText: "story-061: offboarded" })).toBeVisible();
  await expect(async () => expect(await tagged()).toBe(0)).toPass();
  await dialog.getByRole("button", { name: `Add the tags for ${count - closed} identities` }).click();
  await expect(dialog.getByText(`${count - closed} identities have changed.`)).toBeVisible();
  expect(await tagged()).toBe(count - closed);
  await dialog.getByRole("button", { name: "Back to the list" }).click();
  await expect(selected(page).getByRole("button", { name: "Add tags" })).toBeFocused();
  await selected(page).getByRole("button", { name: "Clear selection" }).click();
  await expect(selected(page)).toHaveCount(0);
});

const tagged = () =>
  withDatabase(async (client) => {
    const found = await client.query<{ count: number }>("select count(*)::int as count from identities where environment = $1 and 'list-story' = any(tags)", [environment]);
    return found.rows[0]?.count;
  });

test("opens a row beside the list, walks on with the arrows, and gives the focus back to the row", async ({ as }) => {
  const page = await as("owner");
  await open(page);
  await rows(page).first().locator("[data-row-link]").focus();
  // Keys work once the page is in the browser; while the drawer is open, `o` does nothing more.
  await expect(async () => {
    await page.keyboard.press("o");
    await expect(page.getByRole("dialog", { name: "story-001" })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(page).toHaveURL(/open=/);
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("dialog", { name: "story-002" })).toContainText("2 of 50 on this page");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("dialog", { name: "story-003" })).toContainText("=1+1 is");
  await page.reload();
  await expect(page.getByRole("dialog", { name: "story-003" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog", { name: "story-003" })).toBeHidden();
  await expect(page).not.toHaveURL(/open=/);
  await expect(page.locator(":focus")).toHaveText("story-003");
  await page.keyboard.press("Space");
  await expect(page.getByRole("dialog", { name: "story-003" })).toBeVisible();
});

test("exports what is shown, whole, with formulas as text, and says so on the ledger", async ({ as }) => {
  const page = await as("auditor");
  await open(page, `${list}&kind=api-key&sort=-staleness`);
  const shown = await names(page);
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: `Export ${count / 2} as CSV` }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(new RegExp(`-${count / 2}-rows\\.csv$`));
  const lines = parse(await readFile(await download.path(), "utf8"), { columns: true }) as Record<string, string>[];
  expect(lines.map(({ name }) => name)).toEqual(shown);
  expect(lines.find(({ name }) => name === "story-003")?.["description"]).toBe(`'=1+1 is "no" formula, but text`);
  await expect(async () => {
    const events = await withDatabase((client) => client.query("select 1 from ledger.event where type = 'identity.list-exported' and occurred_at > now() - interval '1 minute'"));
    expect(events.rowCount).toBeGreaterThan(0);
  }).toPass();
  const requester = await as("requester");
  await open(requester);
  await expect(requester.getByRole("button", { name: /Export/ })).toHaveCount(0);
});
