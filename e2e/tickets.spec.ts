import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";
import { fillAsk, onRequestPage, preview, readCredential, submitAsk } from "./pages/requests";

/** Registers a change that names the shop's database and gives it to others to approve; answers its key and address. */
async function registerChange(page: Page, title: string): Promise<{ key: string; path: string }> {
  await page.goto("/tickets/new");
  await page.getByLabel("Title").fill(title);
  await page.getByLabel("What will be done, and why").fill("The staging tables are loaded again after a failed run");
  const systems = page.getByRole("combobox", { name: "Systems" });
  await systems.fill("orders-db");
  await page.getByRole("listbox", { name: "Systems" }).getByRole("option", { name: "orders-db", exact: true }).click();
  await expect(page.getByRole("button", { name: "Take orders-db out" })).toBeVisible();
  await page.getByRole("button", { name: "Register change" }).click();
  await page.waitForURL(/\/tickets\/[0-9a-f-]{36}$/);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading).toContainText(title);
  const key = /LC-\d+/.exec((await heading.textContent()) ?? "")?.[0] ?? "";
  await page.getByRole("button", { name: `Give ${key} to others to approve` }).click();
  await expect(page.getByText("waits for approval")).toBeVisible();
  return { key, path: new URL(page.url()).pathname };
}

test("a session lives as long as its change: registered, approved by a second person, bound, closed, proven", async ({ as, complaints }) => {
  const requester = await as("requester");
  const { key, path } = await registerChange(requester, "Load the staging tables again");
  await expect(requester.getByText("You wrote this change, so somebody else approves it.")).toBeVisible();

  const ask = { identity: "dbt_runner", access: "load the warehouse", purpose: "load", intent: "Load the staging tables again after the failed run", ticket: key };
  await test.step("an unapproved change is refused where it is named, before anything is sent", async () => {
    await fillAsk(requester, ask);
    await expect(preview(requester)).toContainText("it is not approved");
  });

  const approver = await as("approver");
  await approver.goto(path);
  await approver.getByRole("button", { name: `Approve ${key}` }).click();
  await expect(approver.getByText(/^by Anton Berg/)).toBeVisible();

  const requestId = await submitAsk(requester, ask);
  await expect(requester.getByText("approved by Anton Berg")).toBeVisible();
  await expect(requester.getByText("stands for this")).toBeVisible();
  await approver.goto(`/requests/${requestId}`);
  await approver.getByLabel("Reason").fill("The change is approved and the window is ours");
  await approver.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(approver.getByText(/It was approved by you/)).toBeVisible();

  await requester.getByRole("button", { name: "Get the credential" }).click();
  await readCredential(requester);
  await requester.getByRole("button", { name: /forget it here/ }).click();

  await test.step("closing the change ends the session, and the end is proven", async () => {
    await approver.goto(path);
    await expect(approver.getByText(/approved, 1 live session/)).toBeVisible();
    await approver.getByRole("button", { name: `Close ${key}` }).click();
    await approver.getByRole("dialog").getByRole("button", { name: `Close ${key}` }).click();
    await expect(approver.getByText("closed", { exact: true })).toBeVisible();
    await expect(requester.getByText("seen by a second account")).toBeVisible({ timeout: 20_000 });
    await expect(requester.getByText(/its ticket was closed/).first()).toBeVisible();
  });

  await test.step("decision, activation and proven end stand at the change, once each", async () => {
    await expect(async () => {
      await approver.goto(path);
      await expect(approver.getByText(/^.*Request \d+ (in Curfew|in Curfew:).*curfew:/)).toHaveCount(3, { timeout: 500 });
    }).toPass({ timeout: 20_000 });
  });
  const reasons = await withDatabase(async (client) => (await client.query<{ end_reason: string }>("select end_reason from grants where request_id = $1", [requestId])).rows);
  expect(reasons).toEqual([{ end_reason: "ticket-closed" }]);
  expect(complaints).toEqual([]);
});



/** Where `.ci/run` started a real Redmine, and the key of its administrator. */
const redmine = { url: process.env["CURFEW_TEST_REDMINE_URL"], key: process.env["CURFEW_TEST_REDMINE_KEY"] };

test("a ticket closed in a real Redmine ends the session that lives on it", async ({ as }) => {
  test.skip(!redmine.url || !redmine.key, "no Redmine runs: CURFEW_TEST_REDMINE_URL and CURFEW_TEST_REDMINE_KEY are not set");
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${redmine.url}${path}`, { method, headers: { "x-redmine-api-key": redmine.key ?? "", "content-type": "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await response.text();
    return text.trim() ? (JSON.parse(text) as Record<string, never>) : {};
  };
  const { issue } = (await call("POST", "/issues.json", { issue: { project_id: "chg", subject: "Load the warehouse for the month's end", description: "Through orders-db" } })) as unknown as { issue: { id: number } };
  const name = `Redmine ${Date.now()}`;
  const prefix = `R${Date.now().toString(36).slice(-6)}-`;
  const admin = await as("administrator");
  await admin.goto("/tickets/providers/new");
  await admin.getByLabel("Kind").selectOption("redmine");
  await admin.getByLabel("Name", { exact: true }).fill(name);
  await admin.getByRole("textbox", { name: "Address" }).fill(redmine.url ?? "");
  await admin.getByLabel(/This server stands inside our network/).check();
  await admin.getByLabel("Token", { exact: true }).fill(redmine.key ?? "");
  await admin.getByLabel("Prefix of its keys").fill(prefix);
  await admin.getByLabel("A ticket must be approved").uncheck();
  await admin.getByRole("button", { name: "Connect ticket system" }).click();
  await admin.waitForURL(/\/tickets\/providers$/);
  await expect(admin.getByText(name)).toBeVisible();

  const requester = await as("requester");
  const ask = { identity: "metabase", access: "load the warehouse", purpose: "load", intent: "Load the warehouse for the end of the month", ticket: `${prefix}${issue.id}` };
  const requestId = await submitAsk(requester, ask);
  const approver = await as("approver");
  await approver.goto(`/requests/${requestId}`);
  await approver.getByLabel("Reason").fill("The ticket says why");
  await approver.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(approver.getByText(/It was approved by you/)).toBeVisible();
  await onRequestPage(requester);
  await requester.getByRole("button", { name: "Get the credential" }).click();
  await readCredential(requester);
  await requester.getByRole("button", { name: /forget it here/ }).click();

  const { issue_statuses } = (await call("GET", "/issue_statuses.json")) as unknown as { issue_statuses: { id: number; is_closed: boolean }[] };
  await call("PUT", `/issues/${issue.id}.json`, { issue: { status_id: issue_statuses.find(({ is_closed }) => is_closed)?.id } });
  await expect(requester.getByText("seen by a second account")).toBeVisible({ timeout: 45_000 });
  await expect(requester.getByText(/its ticket was closed/).first()).toBeVisible();
  const end = await withDatabase(async (client) => (await client.query<{ end_reason: string; state: string }>("select end_reason, state from grants where request_id = $1", [requestId])).rows);
  expect(end).toEqual([{ end_reason: "ticket-closed", state: "proven" }]);
});
