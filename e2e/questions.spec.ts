import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { readArchive } from "../lib/evidence/test-archive";
import { expect, test } from "./fixtures/test";

/** One shipped question as the page shows it. */
type Asked = { readonly asks: string; readonly href: string; readonly said: string };

async function questionsOn(page: Page): Promise<Asked[]> {
  await page.goto("/evidence/questions");
  await expect(page.getByRole("heading", { level: 1, name: "Questions" })).toBeVisible();
  const rows = page.getByRole("list", { name: /^(Questions|Tests that hope for no row)$/ }).getByRole("listitem");
  return rows.evaluateAll((found) => found.map((row) => {
    const link = row.querySelector("a");
    return { asks: link?.textContent ?? "", href: link?.getAttribute("href") ?? "", said: row.lastElementChild?.textContent ?? "" };
  }));
}

/** How many rows an answer lists, through all of its pages, and how many it says there are. */
async function answerOf(page: Page, href: string): Promise<{ listed: number; said: number }> {
  await page.goto(href, { waitUntil: "commit" });
  const total = page.getByText(/^[\d,]+\+? (chains?|findings?)$/);
  await expect(total.first()).toBeVisible();
  const said = Number(((await total.first().textContent()) ?? "").split(" ")[0]?.replaceAll(",", ""));
  if (said === 0) await expect(page.getByText(/^No ((chains|findings) match|open findings)/)).toBeVisible();
  let listed = 0;
  for (let next: string | null = href; next !== null; ) {
    if (next !== href) await page.goto(next, { waitUntil: "commit" });
    await expect(total.first()).toBeVisible();
    listed += await page.getByRole("table", { name: /^(chains|findings)$/ }).locator("tbody > tr").count();
    const more = page.getByRole("navigation", { name: /^Pages of / }).getByRole("link", { name: "Next" });
    next = (await more.count()) > 0 ? await more.getAttribute("href") : null;
  }
  return { listed, said };
}

const countSaid = (said: string) => (said === "no row" ? 0 : Number(/^([\d,]+) rows?$/.exec(said)?.[1]?.replaceAll(",", "")));

test("an auditor answers each shipped question, and each count is that of the rows it leads to", async ({ as, complaints }) => {
  const page = await as("auditor");
  const questions = await questionsOn(page);
  expect(questions.length).toBeGreaterThan(25);
  expect(new Set(questions.map(({ href }) => href)).size, "no two questions have the same answer").toBe(questions.length);
  const answers = new Map<string, unknown>();
  for (const { asks, href } of questions) answers.set(asks, await answerOf(page, href));
  const differing = () => questions.filter(({ asks, said }) => JSON.stringify(answers.get(asks)) !== JSON.stringify({ listed: countSaid(said), said: countSaid(said) }));
  // Other stories ask, use and end meanwhile: what differs is asked once more, its count a moment before its rows.
  for (const { asks, href } of differing()) {
    const again = (await questionsOn(page)).find((question) => question.href === href);
    const said = countSaid(again?.said ?? "");
    expect(await answerOf(page, href), asks).toEqual({ listed: said, said });
  }
  expect(complaints).toEqual([]);
});

test("then exports a quarter, which a second machine verifies with nothing but Node.js", async ({ as, complaints }) => {
  const page = await as("auditor");
  await page.goto("/evidence/exports");
  await page.getByRole("group", { name: "Period" }).getByRole("link").first().click();
  await page.waitForURL(/from=\d{4}-\d\d-01&to=\d{4}-\d\d-\d\d/);
  await page.getByRole("button", { name: /^Export .* as Bundle$/ }).click();
  await expect(page.getByText("Asked for. It is written in the background")).toBeVisible();
  const link = page.getByRole("row").filter({ hasText: "Bundle" }).first().getByRole("link", { name: "Download the Bundle file" });
  await expect(link).toBeVisible({ timeout: 60_000 });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const bytes = await readFile(await download.path());

  const folder = mkdtempSync(path.join(tmpdir(), "second-machine-"));
  try {
    const files = readArchive(bytes);
    writeFileSync(path.join(folder, "quarter.zip"), bytes);
    writeFileSync(path.join(folder, "verify.mjs"), files.get("verify/verify.mjs") ?? "");
    expect(readdirSync(folder)).toEqual(["quarter.zip", "verify.mjs"]);
    // Nothing of this machine's environment, and no way to a network where the system can take it away.
    const said = execFileSync("env", ["-i", process.execPath, "verify.mjs", "quarter.zip"], { cwd: folder, encoding: "utf8" });
    expect(said).toContain("The bundle holds.");
    const card = JSON.parse(files.get("report-card.json")?.toString("utf8") ?? "") as { counts: { rows: number }; period: { from: string } };
    expect(card.period.from).toMatch(/^\d{4}-(01|04|07|10)-01T00:00:00/);
    const lines = (files.get("chains.jsonl")?.toString("utf8") ?? "").trimEnd().split("\n").filter(Boolean);
    expect(lines).toHaveLength(card.counts.rows);
    expect(lines.length).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(complaints).toEqual([]);
});
