import type { Page } from "@playwright/test";
import { expect, test } from "./fixtures/test";

const tables = [
  ["/systems", "System"],
  ["/people", "Person"],
  ["/reviews", "Review"],
  ["/requests", "Identity"],
  ["/evidence", "Chain"],
  ["/findings", "Finding"],
] as const;

const width = async (page: Page, column: string) => Math.round((await page.getByRole("columnheader", { name: column }).first().boundingBox())?.width ?? 0);

test("every table remembers how wide its columns were drawn, each its own", async ({ as }) => {
  const page = await as("administrator");
  const drawn = new Map<string, number>();
  for (const [path, column] of tables) {
    await page.goto(path);
    const before = await width(page, column);
    const border = page.getByRole("separator", { name: `Width of ${column}` }).first();
    // Keys work once the page is in the browser.
    await expect(async () => {
      await border.press("ArrowRight");
      await expect(border).toHaveAttribute("aria-valuetext", /pixels/, { timeout: 1_000 });
    }).toPass();
    await expect(async () => expect(await width(page, column)).toBeGreaterThan(before + 8)).toPass();
    drawn.set(path, await width(page, column));
  }
  for (const [path, column] of tables) {
    await page.goto(path, { waitUntil: "commit" });
    await expect(page.getByRole("columnheader", { name: column }).first()).toBeVisible();
    expect(Math.abs((await width(page, column)) - (drawn.get(path) ?? 0)), path).toBeLessThanOrEqual(1);
  }
  // Within the page, what was drawn a moment ago holds too.
  await page.getByRole("separator", { name: "Width of Finding" }).press("Home");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "People" }).click();
  await expect(page.getByRole("columnheader", { name: "Person" })).toBeVisible();
  expect(Math.abs((await width(page, "Person")) - (drawn.get("/people") ?? 0))).toBeLessThanOrEqual(1);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Findings" }).click();
  await expect(page.getByRole("separator", { name: "Width of Finding" })).toHaveAttribute("aria-valuetext", "as designed");
});
