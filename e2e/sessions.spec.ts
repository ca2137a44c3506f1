import type { Page } from "@playwright/test";
import pg from "pg";
import { expect, test } from "./fixtures/test";
import { readCredential, submitAsk } from "./pages/requests";

/** Asks for something that policy approves by itself, gets its credential and opens a connection with it. */
async function liveSession(page: Page, identity: string): Promise<{ client: pg.Client; cut: Promise<unknown> }> {
  await submitAsk(page, { identity, access: "read the warehouse marts", purpose: "reporting", intent: "Compare the totals of two reports", duration: "30 min" });
  await page.getByRole("button", { name: "Get the credential" }).click();
  const { host, port, database, user, password } = await readCredential(page);
  const client = new pg.Client({ host, port: Number(port), database, user, password });
  // A cut connection tells of it more than once.
  const cut = new Promise((resolve) => client.on("error", resolve));
  await client.connect();
  await client.query("select 1");
  return { client, cut };
}

const rowOf = (page: Page, identity: string) => page.getByRole("region", { name: "Live" }).getByRole("listitem").filter({ hasText: identity }).first();

test("a session is ended from the list: ending, accepted and proven dead as it really happens", async ({ as, complaints }) => {
  const requester = await as("requester");
  const { cut } = await liveSession(requester, "billing_sync");
  const page = await as("administrator");
  await page.goto("/sessions");
  const row = rowOf(page, "billing_sync");
  await expect(row).toContainText("1 connection seen");
  await expect(row).toContainText("left");
  await row.getByRole("button", { name: "End billing_sync's session on read the warehouse marts now" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("heading")).toHaveText("End billing_sync's session on read the warehouse marts");
  await dialog.getByRole("button", { name: "End session" }).click();
  await cut;
  // The row stays where it is and goes its way to the proof, without a reload.
  await expect(row).toContainText("proven dead", { timeout: 20_000 });
  await expect(row).toContainText("role gone");
  await expect(row.getByRole("button", { name: /^End/ })).toHaveCount(0);
  expect(complaints).toEqual([]);
});

test("a new session is announced and does not move the list until it is asked for", async ({ as }) => {
  const page = await as("auditor");
  await page.goto("/sessions");
  await expect(page.getByText("updates by itself")).toBeVisible();
  const { client } = await liveSession(await as("requester"), "report_nightly");
  await expect(page.getByText("1 new session")).toBeVisible();
  await expect(rowOf(page, "report_nightly")).toHaveCount(0);
  await page.getByRole("button", { name: "Show" }).click();
  await expect(rowOf(page, "report_nightly")).toBeVisible();
  // An auditor reads: nothing can be ended from here.
  await expect(page.getByRole("button", { name: /^End / })).toHaveCount(0);
  client.on("error", () => undefined);
  await client.end();
});

test("whoever a session does not concern sees nothing of it", async ({ as }) => {
  const { client } = await liveSession(await as("requester"), "inventory_sync");
  client.on("error", () => undefined);
  const page = await as("second-approver");
  await page.goto("/sessions");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sessions");
  await expect(page.getByRole("main")).not.toContainText("inventory_sync");
  await client.end();
});
