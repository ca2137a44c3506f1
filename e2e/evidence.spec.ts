import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { readArchive } from "../lib/evidence/test-archive";
import { send } from "./fixtures/http";
import { signInCookie, signInToken } from "./fixtures/sign-in";
import { expect, test } from "./fixtures/test";

type Card = { counts: { rows: number }; filters: Record<string, string>; files: [{ sha256: string; rows: number }]; source: { as_of_ledger_position: string } };

/** Presses an export button and reads what is downloaded. */
async function download(page: Page, button: RegExp) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: button }).click()]);
  const files = readArchive(await readFile(await file.path()));
  return { name: file.suggestedFilename(), files, card: JSON.parse(files.get("report-card.json")?.toString("utf8") ?? "null") as Card };
}

/** The number of chains that the list says. */
async function countOnScreen(page: Page): Promise<number> {
  return Number(/([\d,]+) chains?/.exec((await page.getByText(/^[\d,]+ chains?$/).textContent()) ?? "")?.[1]?.replaceAll(",", ""));
}

test("an auditor filters, exports what is on screen, and the file says so itself", async ({ as, complaints }) => {
  const page = await as("auditor");
  await page.goto("/evidence?grant=proven");
  const count = await countOnScreen(page);
  expect(count).toBeGreaterThan(0);
  const { name, files, card } = await download(page, new RegExp(`^Export ${count} rows? as CSV$`));
  expect(name).toMatch(/^curfew-evidence-.*\.zip$/);
  const csv = files.get("chains.csv") ?? Buffer.alloc(0);
  const rows = parse(csv, { columns: true }) as Record<string, string>[];
  expect(rows).toHaveLength(count);
  expect(rows.every((row) => row["grant_state"] === "proven" && row["proof_strength"] !== "")).toBe(true);
  expect(card).toMatchObject({ counts: { rows: count }, filters: { grant: "proven" } });
  expect(card.files[0]).toMatchObject({ rows: count, sha256: createHash("sha256").update(csv).digest("hex") });

  const first = page.getByRole("row").nth(1);
  // The end is recorded once the last byte was sent, which may be a moment after the browser has it.
  await expect(async () => {
    await page.goto("/evidence/exports");
    await expect(first).toContainText("complete", { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
  await expect(first).toContainText("Aurel Novak");
  await expect(first).toContainText("Grant: proven dead");
  await expect(first).toContainText(card.files[0].sha256.slice(0, 12));
  await expect(first).toContainText("complete");
  expect(complaints).toEqual([]);
});

test("JSON Lines hold the same rows with exact values", async ({ as }) => {
  const page = await as("auditor");
  await page.goto("/evidence?state=denied,withdrawn,lapsed,refused");
  const count = await countOnScreen(page);
  const { files } = await download(page, /as JSON Lines$/);
  const lines = (files.get("chains.jsonl") ?? Buffer.alloc(0)).toString("utf8").trimEnd().split("\n");
  const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows).toHaveLength(count);
  expect(new Set(rows.map((row) => row["state"]))).toEqual(new Set(["denied", "withdrawn", "lapsed", "refused"]));
  expect(rows.every((row) => row["issued_at"] === null)).toBe(true);
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
  await expect(page.getByRole("button", { name: /^Export/ })).toHaveCount(0);
});

test("only an auditor exports, from our own pages, with a filter that fits", async ({ as, origin }) => {
  const reader = await as("administrator");
  await reader.goto("/evidence");
  await expect(reader.getByRole("heading", { level: 1 })).toHaveText("Evidence");
  await expect(reader.getByRole("button", { name: /^Export/ })).toHaveCount(0);
  const outsider = await as("requester");
  await outsider.goto("/evidence");
  await expect(outsider.getByText("not open to your role")).toBeVisible();

  const ask = async (page: Page, from: string, body: string) => {
    const cookie = `${signInCookie(origin)}=${await signInToken(page.context(), origin)}`;
    const headers = { origin: from, cookie, "content-type": "application/x-www-form-urlencoded" };
    return (await send(origin, { method: "POST", path: "/api/evidence/export", headers, body })).status;
  };
  const auditor = await as("auditor");
  expect(await ask(reader, origin, "format=csv")).toBe(403);
  expect(await ask(outsider, origin, "format=csv")).toBe(403);
  expect(await ask(auditor, "https://evil.example", "format=csv")).toBe(403);
  expect(await ask(auditor, origin, "format=csv&state=vanished")).toBe(400);
  expect(await ask(auditor, origin, "format=csv&states=denied")).toBe(400);
  expect(await ask(auditor, origin, "format=exe")).toBe(400);
  expect((await auditor.context().request.get(`${origin}/api/evidence/export`)).status()).toBe(405);
});
