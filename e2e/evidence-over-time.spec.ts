import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures/test";

/** The number of chains that the list says. */
async function countOnScreen(page: Page): Promise<number> {
  return Number(/([\d,]+) chains?/.exec((await page.getByText(/^[\d,]+ chains?$/).textContent()) ?? "")?.[1]?.replaceAll(",", ""));
}

const open = (page: Page) => page.locator("summary", { hasText: "Over time" }).click();
const numbersOf = async (page: Page, name: string) => (await page.getByRole("row", { name: new RegExp(`^${name}`) }).getByRole("cell").allTextContents()).map((text) => Number(text.replaceAll(",", "")));

test("the series count what the list shows, and a bar leads to its rows", async ({ as, complaints }) => {
  const page = await as("auditor");
  await page.goto("/evidence?grant=proven");
  const count = await countOnScreen(page);
  expect(count).toBeGreaterThan(0);
  const asked: string[] = [];
  page.on("request", (request) => request.url().includes("/api/evidence/series") && asked.push(new URL(request.url()).search));
  await open(page);
  await expect(page.getByText(`Counted: ${count === 1 ? "the one row" : `all ${count} rows`} of the list below.`)).toBeVisible();
  expect(asked).toEqual(["?grant=proven"]);
  await expect(page.getByRole("figure").filter({ hasText: new RegExp(`^Asked, ${count} by the `) }).locator(".recharts-bar-rectangle").first()).toBeVisible();
  await page.getByRole("button", { name: "Show as tables" }).click();
  // All were issued, ended and proven; asked, turned down, issued, used, ended, expired, proven.
  const [all, turnedDown, issued, , ended, , proven] = await numbersOf(page, "Together");
  expect([all, turnedDown, issued, ended, proven]).toEqual([count, 0, count, count, count]);
  const table = page.getByRole("region", { name: "Counts over time: table" });
  const link = table.getByRole("link").first();
  const first = Number(await table.getByRole("row").nth(1).getByRole("cell").first().textContent());
  await link.focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/from=\d{4}-\d\d-\d\d/);
  await expect(page.getByText(first === 1 ? "Counted: the one row of the list below." : `Counted: all ${first} rows of the list below.`)).toBeVisible();
  expect(await countOnScreen(page)).toBe(first);
  expect(complaints).toEqual([]);
});

test("nothing is counted until it is opened, nor where the role does not see evidence", async ({ as, origin }) => {
  const page = await as("auditor");
  const asked: string[] = [];
  page.on("request", (request) => request.url().includes("/api/evidence/series") && asked.push(request.url()));
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/evidence");
  await expect(page.getByRole("heading", { name: "Over time" })).toBeVisible();
  expect(asked).toEqual([]);
  await page.getByText("Over time").focus();
  await open(page);
  await expect(page.getByText(/^Counted: /)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  const outsider = await as("requester");
  expect((await outsider.request.get(`${origin}/api/evidence/series`)).status()).toBe(403);
  expect((await page.request.get(`${origin}/api/evidence/series?state=vanished`)).status()).toBe(400);
  expect((await page.request.get(`${origin}/api/evidence/series?stat=denied`)).status()).toBe(400);
});
