import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { formatWords } from "../components/evidence/exports/formats";
import { readArchive } from "../lib/evidence/test-archive";
import { expect, test } from "./fixtures/test";

type Card = { counts: { rows: number }; filters: Record<string, string>; files: [{ sha256: string; rows: number }]; source: { as_of_ledger_position: string } };

type Sarif = { runs: [{ results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string } }; logicalLocations: { name: string }[] }[] }[]; originalUriBaseIds: { CURFEW: { uri: string } } }] };

/** Asks for an export of what is listed and downloads it once it is whole. */
async function exported(page: Page, format: string) {
  const rows = page.getByRole("row");
  await page.getByRole("button", { name: new RegExp(`^Export .* as ${format}$`) }).click();
  await expect(page.getByText("Asked for. It is written in the background")).toBeVisible();
  const first = rows.filter({ hasText: format }).first();
  await expect(first.getByRole("link", { name: `Download the ${format} file` })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole("list", { name: "Exports on their way" })).toHaveCount(0);
  const [file] = await Promise.all([page.waitForEvent("download"), first.getByRole("link", { name: `Download the ${format} file` }).click()]);
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()), row: first };
}

const cardOf = (files: Map<string, Buffer>) => JSON.parse(files.get("report-card.json")?.toString("utf8") ?? "null") as Card;
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** The number of chains that the list says. */
async function countOnScreen(page: Page): Promise<number> {
  return Number(/([\d,]+) chains?/.exec((await page.getByText(/^[\d,]+ chains?$/).textContent()) ?? "")?.[1]?.replaceAll(",", ""));
}

test("an auditor filters, exports what is on screen, and the file says so itself", async ({ as, complaints }) => {
  const page = await as("auditor");
  await page.goto("/evidence?grant=proven");
  const count = await countOnScreen(page);
  expect(count).toBeGreaterThan(0);
  await page.getByRole("link", { name: new RegExp(`^Export ${count} rows?…$`) }).click();
  await page.waitForURL(/\/evidence\/exports\?grant=proven/);
  const { name, bytes, row } = await exported(page, "CSV");
  expect(name).toMatch(/^curfew-evidence-.*\.zip$/);
  const files = readArchive(bytes);
  const card = cardOf(files);
  const csv = files.get("chains.csv") ?? Buffer.alloc(0);
  const rows = parse(csv, { columns: true }) as Record<string, string>[];
  expect(rows).toHaveLength(count);
  expect(rows.every((line) => line["grant_state"] === "proven" && line["proof_strength"] !== "")).toBe(true);
  expect(card).toMatchObject({ counts: { rows: count }, filters: { grant: "proven" } });
  expect(card.files[0]).toMatchObject({ rows: count, sha256: sha256(csv) });
  for (const text of ["Aurel Novak", "Grant: proven dead", sha256(bytes).slice(0, 12), "complete"]) await expect(row).toContainText(text);
  expect(complaints).toEqual([]);
});

test("JSON Lines hold the same rows with exact values", async ({ as }) => {
  const page = await as("auditor");
  await page.goto("/evidence?state=denied,withdrawn,lapsed,refused");
  const count = await countOnScreen(page);
  await page.goto("/evidence/exports?state=denied,withdrawn,lapsed,refused");
  const { bytes } = await exported(page, "JSON Lines");
  const lines = (readArchive(bytes).get("chains.jsonl") ?? Buffer.alloc(0)).toString("utf8").trimEnd().split("\n");
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows).toHaveLength(count);
  expect(new Set(rows.map((row) => row["state"]))).toEqual(new Set(["denied", "withdrawn", "lapsed", "refused"]));
  expect(rows.every((row) => row["issued_at"] === null)).toBe(true);
});

const startOf: Readonly<Record<string, string>> = { zip: "PK", xlsx: "PK", pdf: "%PDF-", sarif: '{"$sche' };

for (const { name } of Object.values(formatWords)) {
  test(`an auditor exports a quarter and takes it with its report card: ${name}`, async ({ as, complaints }) => {
    const page = await as("auditor");
    await page.goto("/evidence/exports");
    await page.getByRole("group", { name: "Period" }).getByRole("link").first().click();
    await page.waitForURL(/from=\d{4}-\d\d-01&to=\d{4}-\d\d-\d\d/);
    const { name: fileName, bytes, row } = await exported(page, name);
    expect(bytes.toString("latin1", 0, 8)).toContain(startOf[fileName.split(".").at(-1) ?? ""] ?? "no such kind of file");
    await expect(row).toContainText(sha256(bytes).slice(0, 12));
    const [card] = await Promise.all([page.waitForEvent("download"), row.getByRole("link", { name: `Report card of the ${name} file` }).click()]);
    expect(JSON.parse(await readFile(await card.path(), "utf8"))).toMatchObject({ period: { from_is: "inclusive" }, source: { checkpoint: { size: expect.stringMatching(/^\d+$/) } } });
    expect(complaints).toEqual([]);
  });
}

test("SARIF tells the findings of what is filtered, and where in Curfew each is looked at", async ({ as, origin }) => {
  const page = await as("auditor");
  await page.goto("/evidence/exports?state=denied");
  await expect(page.getByRole("navigation", { name: "Parts of the evidence" }).getByRole("link", { name: "Exports" })).toHaveAttribute("aria-current", "page");
  expect((JSON.parse((await exported(page, "SARIF")).bytes.toString("utf8")) as Sarif).runs[0].results).toEqual([]);
  await page.goto("/evidence/exports");
  const { name, bytes } = await exported(page, "SARIF");
  expect(name).toMatch(/\.sarif$/);
  const [{ results, originalUriBaseIds }] = (JSON.parse(bytes.toString("utf8")) as Sarif).runs;
  const own = results.find(({ ruleId }) => ruleId === "own-account");
  expect(originalUriBaseIds.CURFEW.uri).toBe(`${origin}/`);
  await page.goto(`/${own?.locations[0]?.physicalLocation.artifactLocation.uri ?? ""}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(own?.locations[0]?.logicalLocations[0]?.name ?? "no such name");
});

test("a sample is drawn with the auditor's nonce, and its recipe gives the same", async ({ as }) => {
  const page = await as("auditor");
  await page.goto("/evidence/exports/sample");
  const root = (await page.locator("dd code").first().textContent()) ?? "";
  await page.getByRole("textbox", { name: "Your nonce" }).fill("dice-31415926");
  await page.getByRole("spinbutton", { name: "Records of each" }).fill("3");
  await page.getByRole("button", { name: "Draw the sample" }).click();
  await expect(page.getByRole("heading", { name: "3 records" })).toBeVisible();
  const seed = createHash("sha256").update(`sample/v1\n${root}\ndice-31415926\nall`).digest("hex");
  await expect(page.locator("pre").first()).toContainText(`# ${seed}`);
  const ids = await page.locator("table code[title]").evaluateAll((found) => found.map((one) => one.getAttribute("title") ?? ""));
  for (let at = 0; at < ids.length; at += 2) expect(ids[at]).toBe(createHash("sha256").update(`${seed}\n${ids[at + 1] ?? ""}`).digest("hex"));
});

test("a chain shows its seven links, and the exact event behind each is one click away", async ({ as }) => {
  const page = await as("auditor");
  await page.goto("/evidence?grant=proven");
  await page.locator("[data-row-link]").first().click();
  await page.waitForURL(/\/evidence\/[0-9a-f-]{36}$/);
  const links = page.getByRole("table", { name: /in detail$/ });
  await expect(links.getByRole("row")).toHaveCount(8);
  await expect(links.getByRole("row", { name: /^proven dead/ })).toContainText("UTC");
  await links.getByRole("link", { name: /request\.submitted/ }).click();
  const event = page.locator("details[open] pre");
  await expect(event).toBeVisible();
  expect(JSON.parse((await event.textContent()) ?? "")).toMatchObject({ type: "request.submitted" });
  await expect(page.locator("details[open]")).toContainText(/[0-9a-f]{64}/);
});

test("a filter that does not fit is said and leaves no export that would answer another question", async ({ as }) => {
  const page = await as("auditor");
  await page.goto("/evidence?state=vanished&from=2026-13-45");
  await expect(page.getByText("There is no such state.")).toBeVisible();
  await expect(page.getByRole("link", { name: /^Export \d/ })).toHaveCount(0);
  await page.goto("/evidence/exports?state=vanished");
  await expect(page.getByText("There is no such state.")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Export/ })).toHaveCount(0);
});

test("only an auditor exports, and takes only what is their own", async ({ as, origin }) => {
  const auditor = await as("auditor");
  await auditor.goto("/evidence/exports?state=denied");
  const { row } = await exported(auditor, "CSV");
  const path = (await row.getByRole("link", { name: "Download the CSV file" }).getAttribute("href")) ?? "";
  const reader = await as("administrator");
  await reader.goto("/evidence");
  await expect(reader.getByRole("heading", { level: 1 })).toHaveText("Evidence");
  await expect(reader.getByRole("link", { name: /^Export \d/ })).toHaveCount(0);
  await reader.goto("/evidence/exports");
  await expect(reader.getByRole("row").nth(1)).toContainText("Aurel Novak");
  await expect(reader.getByRole("button", { name: /^Export/ })).toHaveCount(0);
  await expect(reader.getByRole("link", { name: /^Download/ })).toHaveCount(0);
  const outsider = await as("requester");
  await outsider.goto("/evidence");
  await expect(outsider.getByText("not open to your role")).toBeVisible();
  const status = async (page: Page, at: string) => (await page.context().request.get(`${origin}${at}`)).status();
  expect(await status(reader, path)).toBe(403);
  expect(await status(outsider, path)).toBe(403);
  expect(await status(auditor, path)).toBe(200);
  expect(await status(auditor, "/api/evidence/exports/01900000-0000-7000-8000-000000000000")).toBe(404);
});
