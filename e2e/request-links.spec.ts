import type { Page } from "@playwright/test";
import pg from "pg";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";
import { fillAsk, onRequestPage, pick, preview, readCredential, submitAsk } from "./pages/requests";

/** Whether the target lets the holder of a credential in. */
async function letsIn(credential: Record<string, string>): Promise<boolean> {
  const client = new pg.Client({ host: credential["host"], port: Number(credential["port"]), database: credential["database"], user: credential["user"], password: credential["password"] });
  try {
    await client.connect();
    return (await client.query("select 1")).rowCount === 1;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}

async function getCredential(page: Page): Promise<Record<string, string>> {
  await page.getByRole("button", { name: "Get the credential" }).first().click();
  return readCredential(page);
}

test("two accesses are one request, with a question back and its answer, and a grant for each", async ({ as }) => {
  const requester = await as("requester");
  await fillAsk(requester, { identity: "svc_shipping", access: "read orders", purpose: "migration", intent: "Move the shipped orders to their new table", ticket: "INC-4801", duration: "15 min" });
  await requester.getByRole("button", { name: "Add another access" }).click();
  await pick(requester, "Access 2", "write orders");
  await expect(preview(requester).getByText(/will be asked/).last()).toBeVisible();
  await expect(preview(requester).getByText("write orders:").first()).toBeVisible();
  await requester.getByRole("button", { name: "Ask for access" }).click();
  const requestId = await onRequestPage(requester);

  const approver = await as("approver");
  await approver.goto(`/requests/${requestId}`);
  await expect(approver.getByText("2 accesses in one request")).toBeVisible();
  await approver.getByLabel("Ask back, or comment").fill("Which shipments are missing?");
  await approver.getByRole("button", { name: "Ask the question" }).click();
  await expect(approver.getByText("1 question open. The time to decide goes on meanwhile.")).toBeVisible();

  await requester.reload();
  await requester.getByLabel("Your answer").fill("Those of last Tuesday");
  await requester.getByRole("button", { name: "Answer", exact: true }).click();
  await expect(requester.getByText("Those of last Tuesday").first()).toBeVisible();
  await approver.reload();
  await expect(approver.getByText("Those of last Tuesday").first()).toBeVisible();
  await expect(approver.getByText(/question open/)).toHaveCount(0);

  await requester.getByRole("button", { name: "Withdraw request" }).click();
  await requester.getByRole("dialog").getByRole("button", { name: "Withdraw request" }).click();
  await expect(requester.getByRole("link", { name: "Ask again" })).toBeVisible();
});

test("access for later can be activated from its start on, and the page says when", async ({ as }) => {
  const page = await as("requester");
  await fillAsk(page, { identity: "svc_payments", access: "read the warehouse marts", purpose: "debugging", intent: "Look at the marts while the job runs tonight", duration: "15 min" });
  await page.getByLabel("Not before").fill(new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 16));
  await page.getByRole("button", { name: "Ask for access" }).click();
  await onRequestPage(page);
  await expect(page.getByText(/Not before 20\d\d-/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Get the credential" })).toBeDisabled();
});

test("an extension joins without a gap: the new login works before the former one ends, and after it", async ({ as }) => {
  const page = await as("requester");
  const formerId = await submitAsk(page, { identity: "inventory_sync", access: "read the warehouse marts", purpose: "reporting", intent: "Watch the marts while shipments arrive", duration: "15 min" });
  const former = await getCredential(page);
  expect(await letsIn(former)).toBe(true);
  await page.getByRole("button", { name: /forget it here/ }).click();
  await page.getByRole("link", { name: "Extend this access" }).click();
  await expect(page.getByText(/so that nothing is interrupted/)).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Identity" })).toHaveValue("inventory_sync");
  await page.getByRole("button", { name: "Ask for access" }).click();
  await page.waitForURL((url) => /\/requests\/[0-9a-f]{8}-/.test(url.pathname) && !url.pathname.endsWith(formerId));
  const extensionId = await onRequestPage(page);
  await expect(page.getByText(/Goes on with the session of/)).toBeVisible();
  const extension = await getCredential(page);
  expect([await letsIn(former), await letsIn(extension)]).toEqual([true, true]);
  expect(extension["user"]).not.toBe(former["user"]);
  await withDatabase((client) => client.query("update grants set not_after = now() where request_id = $1 and state = 'active'", [formerId]));
  await expect.poll(() => letsIn(former), { timeout: 30_000 }).toBe(false);
  expect(await letsIn(extension)).toBe(true);
  await page.goto(`/requests/${extensionId}`);
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await expect(page.getByText("seen by a second account").first()).toBeVisible({ timeout: 20_000 });
});

test("asking again after a denial shows whoever decides what is different", async ({ as }) => {
  const requester = await as("requester");
  const deniedId = await submitAsk(requester, { identity: "agent_pricing", access: "read orders", purpose: "debugging", intent: "Look at the orders behind a strange price", ticket: "INC-4802", duration: "1 h" });
  const approver = await as("approver");
  await approver.goto(`/requests/${deniedId}`);
  await approver.getByLabel("Reason").fill("An hour is too long for a look");
  await approver.getByRole("button", { name: "Deny", exact: true }).click();
  await expect(approver.getByText(/It was denied/).first()).toBeVisible();
  await requester.goto(`/requests/${deniedId}`);
  await requester.getByRole("link", { name: "Ask again" }).click();
  await expect(requester.getByText(/which was denied/)).toBeVisible();
  await requester.getByRole("button", { name: "15 min", exact: true }).click();
  await requester.getByRole("button", { name: "Ask for access" }).click();
  await requester.waitForURL((url) => /\/requests\/[0-9a-f]{8}-/.test(url.pathname) && !url.pathname.endsWith(deniedId));
  const againId = await onRequestPage(requester);
  await approver.goto(`/requests/${againId}`);
  const said = approver.getByText(/Changed since the denial/).locator("..");
  await expect(said).toContainText("duration 1 h → 15 min");
  await requester.getByRole("button", { name: "Withdraw request" }).click();
  await requester.getByRole("dialog").getByRole("button", { name: "Withdraw request" }).click();
  await expect(requester.getByText(/Asks request/)).toBeVisible();
});
