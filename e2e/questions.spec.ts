import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { APIResponse, Page } from "@playwright/test";
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

type Answer = { readonly listed: number; readonly said: number };

/** How many rows an answer lists, through all of its pages, and how many it says there are: as the server writes them for this browser. */
async function answerOf(page: Page, href: string): Promise<Answer> {
  let listed = 0;
  let said = Number.NaN;
  for (let next: string | undefined = href; next !== undefined; ) {
    const answer: APIResponse = await page.request.get(next);
    expect(answer.status(), next).toBe(200);
    const shown: string = (await answer.text()).replaceAll("<!-- -->", "");
    said = Number(/>([\d,]+) (?:chains?|findings?)</.exec(shown)?.[1]?.replaceAll(",", ""));
    const table = /<table[^>]*aria-label="(?:chains|findings)"[\s\S]*?<tbody[^>]*>([\s\S]*?)<\/tbody>/.exec(shown)?.[1] ?? "";
    listed += table.match(/<tr[ >]/g)?.length ?? 0;
    const more: string | undefined = /<a [^>]*rel="next"[^>]*>/.exec(shown)?.[0];
    next = /href="([^"]+)"/.exec(more ?? "")?.[1]?.replaceAll("&amp;", "&");
  }
  return { listed, said };
}

/** The same on screen: a list that says its count and has so many rows, or says that there is none. */
async function open(page: Page, { href, asks }: Asked, { said }: Answer): Promise<void> {
  await page.goto(href);
  await expect(page.getByText(new RegExp(`^${said} (chains?|findings?)$`)).first(), asks).toBeVisible();
  if (said === 0) await expect(page.getByText(/^No ((chains|findings) match|open findings)/)).toBeVisible();
  else await expect(page.getByRole("table", { name: /^(chains|findings)$/ }).locator("tbody > tr")).toHaveCount(said);
}

const countSaid = (said: string) => (said === "no row" ? 0 : Number(/^([\d,]+) rows?$/.exec(said)?.[1]?.replaceAll(",", "")));

test("an auditor answers each shipped question, and each count is that of the rows it leads to", async ({ as, complaints }) => {
  const page = await as("auditor");
  const questions = await questionsOn(page);
  expect(questions).toHaveLength(30);
  expect(new Set(questions.map(({ href }) => href)).size, "no two questions have the same answer").toBe(questions.length);
  const same = ({ said }: Asked, answer: Answer) => answer.said === countSaid(said) && answer.listed === answer.said;
  const answers: [Asked, Answer][] = [];
  for (const question of questions) answers.push([question, await answerOf(page, question.href)]);
  // Other stories ask, use and end meanwhile: what differs is asked once more, its count a moment before its rows.
  for (const [question] of answers.filter((answered) => !same(...answered))) {
    const again = (await questionsOn(page)).find(({ href }) => href === question.href);
    const said = countSaid(again?.said ?? "");
    expect(await answerOf(page, question.href), question.asks).toEqual({ listed: said, said });
  }
  // On screen: the fullest answer of one page, and one that is none, about chains and about findings.
  const still = answers.filter(([question, answer]) => same(question, answer) && answer.said <= 50 && /finding=|denied|\/findings/.test(question.href));
  for (const path of ["/evidence?", "/findings?"]) {
    const ofPath = still.filter(([{ href }]) => href.startsWith(path)).sort(([, one], [, other]) => one.said - other.said);
    for (const answered of new Set([ofPath[0], ofPath.at(-1)])) if (answered) await open(page, ...answered);
  }
  expect(complaints).toEqual([]);
});

test("then exports a quarter, which a second machine verifies with nothing but Node.js", async ({ as, complaints }) => {
  const page = await as("auditor");
  await page.goto("/evidence/exports");
  const today = new Date();
  const isYoung = today.getUTCMonth() % 3 === 0 && today.getUTCDate() < 15;
  await page.getByRole("group", { name: "Period" }).getByRole("link").nth(isYoung ? 1 : 0).click();
  await page.waitForURL(/from=\d{4}-\d\d-01&to=\d{4}-\d\d-\d\d/);
  // Up to yesterday: stories of today put rows straight into the database, and a bundle of them is refused as it should be.
  const period = new URL(page.url()).searchParams;
  const yesterday = new Date(today.getTime() - 86_400_000).toISOString().slice(0, 10);
  if ((period.get("to") ?? "") > yesterday) await page.goto(`/evidence/exports?from=${period.get("from") ?? ""}&to=${yesterday}`);
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
