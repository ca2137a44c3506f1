import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { checkEvent } from "../scripts/verify/event.mjs";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";

/** Opens the newest chain of a session that is over. */
async function openChain(page: Page, query = "grant=proven&emergency=no"): Promise<void> {
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

/** A finding about the newest session that is proven dead, as a detector would leave it; `remove` takes it away again. */
async function makeFinding(title: string): Promise<{ readonly remove: () => Promise<void> }> {
  const key = `left-behind:${randomUUID()}`;
  await withDatabase((client) =>
    client.query(
      `insert into findings (id, kind, dedupe_key, title, detail, controls, system_id, grant_id, identity_id, opened_at)
       select gen_random_uuid(), 'left-behind', $1, $2, '{}', '{NHI1:2025}', g.system_id, g.id, g.identity_id, clock_timestamp() from grants g where g.state = 'proven' order by g.created_at desc limit 1`,
      [key, title],
    ),
  );
  return { remove: () => withDatabase(async (client) => { await client.query("delete from findings where dedupe_key = $1", [key]); }) };
}

test("a finding leads to its chain, and from there to the control that it is evidence for", async ({ as, complaints }) => {
  const title = `“read orders” left something behind (${randomUUID().slice(0, 8)})`;
  const finding = await makeFinding(title);
  try {
    const page = await as("auditor");
    await page.goto("/findings?kind=left-behind");
    await page.getByRole("link", { name: title }).click();
    await page.waitForURL(/\/evidence\/[0-9a-f-]{36}$/);
    const listed = page.getByRole("region", { name: "Findings" }).getByRole("listitem").filter({ hasText: title });
    await expect(listed).toContainText("Look at what was left and remove it on the target.");
    await listed.getByRole("link", { name: "NHI1:2025" }).click();
    await page.waitForURL(/\/evidence\/controls\//);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("NHI1:2025");
    expect(complaints).toEqual([]);
  } finally {
    await finding.remove();
  }
});

test("an owner sees findings without a way into the evidence, which is not theirs to see", async ({ as }) => {
  const finding = await makeFinding(`“read orders” left something behind (${randomUUID().slice(0, 8)})`);
  try {
    const page = await as("owner");
    await page.goto("/findings?kind=left-behind");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Findings");
    await expect(page.locator("main a[href^='/evidence/']")).toHaveCount(0);
  } finally {
    await finding.remove();
  }
});
