import type { Page } from "@playwright/test";
import { checkEvent } from "../scripts/verify/event.mjs";
import { expect, test } from "./fixtures/test";

/** Opens the newest chain of a session that is over. */
async function openChain(page: Page, query = "grant=proven"): Promise<void> {
  await page.goto(`/evidence?${query}`);
  await page.locator("[data-row-link]").first().click();
  await page.waitForURL(/\/evidence\/[0-9a-f-]{36}$/);
}

/** Keys of the log, as the page of checkpoints shows them. */
async function keysOf(page: Page): Promise<string[]> {
  await page.goto("/settings/checkpoints");
  const text = page.getByText(/\/ledger\/[0-9a-f]{8}\+[0-9a-f]{8}\+/).first();
  await expect(text).toBeVisible();
  return [...(await page.locator("main").innerText()).matchAll(/\S+\/ledger\/[0-9a-f]{8}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{44}/g)].map(([key]) => key);
}

test("an auditor takes an event out of a chain and proves with the log's key alone that it stands in the ledger", async ({ as, complaints }) => {
  const page = await as("auditor");
  await openChain(page);
  await page.getByRole("table", { name: /in detail$/ }).getByRole("link", { name: /request\.submitted/ }).click();
  const event = page.locator("details[open]", { has: page.getByRole("link", { name: "inclusion proof" }) });
  const hrefs = await Promise.all(["Exact bytes", "inclusion proof"].map((name) => event.getByRole("link", { name }).getAttribute("href")));
  const [bytesAnswer, proofAnswer] = await Promise.all(hrefs.map((href) => page.request.get(href ?? "")));
  const [download] = await Promise.all([page.waitForEvent("download"), event.getByRole("link", { name: "inclusion proof" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^event-\d+\.tlog-proof$/);
  const bytes = new Uint8Array((await bytesAnswer?.body()) ?? Buffer.alloc(0));
  const proof = new Uint8Array((await proofAnswer?.body()) ?? Buffer.alloc(0));
  expect(JSON.parse(Buffer.from(bytes).toString("utf8"))).toMatchObject({ type: "request.submitted" });
  const leaf = /\b[0-9a-f]{64}\b/.exec(await event.innerText())?.[0];

  const keys = await keysOf(page);
  expect(await checkEvent({ bytes, proof, keys })).toMatchObject({ ok: true, leaf, position: Number(/(\d+)\.tlog-proof$/.exec(download.suggestedFilename())?.[1]) });
  const changed = Uint8Array.from(bytes, (byte, index) => (index === 20 ? byte ^ 1 : byte));
  expect(await checkEvent({ bytes: changed, proof, keys })).toMatchObject({ ok: false });

  const outsider = await as("requester");
  for (const href of hrefs) expect((await outsider.request.get(href ?? "")).status()).toBe(403);
  expect((await page.request.get("/api/evidence/events/999999999999999999/proof")).status()).toBe(404);
  expect(complaints).toEqual([]);
});

test("a chain says whether it is complete, who says each time by which clock, and what was asked, granted and used", async ({ as, complaints }) => {
  const page = await as("auditor");
  await openChain(page);
  // The worker looks at chains of a new installation in its first minute.
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("region", { name: "Completeness" })).toContainText(/Complete since|Open until|Cannot be known|Seal broken/, { timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByRole("table", { name: /in detail$/ }).getByRole("row", { name: /^ended/ })).toContainText("database clock");
  const scopes = page.getByRole("table", { name: "Asked, granted, used" });
  for (const what of ["Access", "Duration", "Uses", "Idle", "First and last use", "End"]) await expect(scopes.getByRole("row", { name: new RegExp(`^${what}`) })).toBeVisible();
  const policy = page.getByRole("region", { name: "Policy" });
  await policy.getByText("Policy as it was").first().click();
  await expect(policy.locator("details[open] pre").first()).toContainText(/permit|forbid/);
  expect(complaints).toEqual([]);
});

test("a finding leads to its chain, and from there to the control that it is evidence for", async ({ as, complaints }) => {
  const page = await as("auditor");
  await page.goto("/findings");
  const title = page.locator("a[href^='/evidence/'][title='Open its chain of evidence']").first();
  await expect(async () => {
    await page.reload();
    await expect(title).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  const words = (await title.innerText()).trim();
  await title.click();
  await page.waitForURL(/\/evidence\/[0-9a-f-]{36}$/);
  const findings = page.getByRole("region", { name: "Findings" }).first();
  await expect(findings).toContainText(words);
  const control = findings.getByRole("link").first();
  const id = await control.innerText();
  await control.click();
  await page.waitForURL(/\/evidence\/controls\//);
  await expect(page.getByRole("main")).toContainText(id);
  expect(complaints).toEqual([]);
});
