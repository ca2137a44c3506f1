import type { Page } from "@playwright/test";
import pg from "pg";
import { tablesHolding, withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";
import { type Ask, fillAsk, onRequestPage, preview, readCredential, submitAsk } from "./pages/requests";

/** Signs in to the target as the credential's holder and asks it something. */
async function query(credential: Record<string, string>, sql: string): Promise<unknown[]> {
  const client = new pg.Client({
    host: credential["host"], port: Number(credential["port"]), database: credential["database"], user: credential["user"], password: credential["password"],
  });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function countRequests(identity: string): Promise<number> {
  return withDatabase(async (client) => {
    const sql = "select count(*)::int as count from requests r join identities i on i.id = r.identity_id where i.name = $1 and not r.demo";
    return (await client.query<{ count: number }>(sql, [identity])).rows[0]?.count ?? 0;
  });
}

async function decide(page: Page, requestId: string, { answer, reason }: { answer: "Approve" | "Deny"; reason: string }): Promise<void> {
  await page.goto(`/requests/${requestId}`);
  await page.getByLabel("Reason").fill(reason);
  await page.getByRole("button", { name: answer, exact: true }).click();
}

/** Everything of a page in which a secret could stand: its HTML as the server sends it, the DOM, the address, the stores. */
async function wholePage(page: Page): Promise<string> {
  const source = await (await page.context().request.get(page.url())).text();
  const inside = await page.evaluate(() => {
    const fields = [...document.querySelectorAll("input, textarea")].map((field) => (field as HTMLInputElement).value);
    return [document.documentElement.outerHTML, location.href, JSON.stringify(localStorage), JSON.stringify(sessionStorage), JSON.stringify(history.state), document.cookie, ...fields].join("\n");
  });
  return `${source}\n${inside}`;
}

test.describe("from the ask to the proof", () => {
  const ask: Ask = { identity: "svc_checkout", access: "read orders", purpose: "debugging", intent: "Find the order that checkout lost last night", ticket: "INC-4711", duration: "1 h" };

  test("an approver shortens it, the requester gets the credential, it works, and it dies", async ({ as, complaints }) => {
    const requester = await as("requester");
    await fillAsk(requester, ask);
    const said = preview(requester);
    await expect(said.getByText("2 people will be asked.").last()).toBeVisible();
    await expect(said).toContainText("Anton Berg or Mika Tanaka");
    await expect(said).toContainText("Olga Lindqvist sponsors the identity");
    await requester.getByRole("button", { name: "Ask for access" }).click();
    const requestId = await onRequestPage(requester);
    await expect(requester.getByRole("heading", { level: 1 })).toHaveText("Rita Okafor wants svc_checkout to read orders for 1 h");
    await expect(requester.getByText("You asked for this. Somebody else has to decide.")).toBeVisible();

    const approver = await as("approver");
    await approver.goto("/approvals");
    await approver.getByRole("link", { name: /svc_checkout/ }).click();
    await expect(approver.getByRole("article").getByRole("heading", { level: 2 })).toContainText("svc_checkout");
    await expect(approver.getByText("named, not checked")).toBeVisible();
    await approver.keyboard.press("e");
    await approver.getByRole("button", { name: "15 min", exact: true }).click();
    await expect(approver.getByRole("article").getByRole("heading", { level: 2 })).toContainText("1 h 15 min");
    await approver.getByLabel("Reason").fill("A quarter of an hour is plenty");
    await approver.getByLabel("Reason").press("Escape");
    await approver.keyboard.press("a");
    await expect(approver.getByRole("button", { name: "Approve 15 min" })).toBeFocused();
    await expect(approver.getByLabel("Reason")).toHaveValue("A quarter of an hour is plenty");
    await approver.keyboard.press("Enter");
    await expect(approver.getByText(/It was approved by you .*, for 15 min\./)).toBeVisible();

    await expect(requester.getByRole("button", { name: "Get the credential" })).toBeVisible();
    await requester.getByRole("button", { name: "Get the credential" }).click();
    const masked = requester.getByRole("region", { name: "Credential as psql" });
    await expect(masked).toContainText("PGPASSWORD=•");
    const credential = await readCredential(requester);
    expect(credential["password"]).toMatch(/^[\w-]{43}$/);
    expect(await query(credential, "select count(*) > 0 as some from sales.orders")).toEqual([{ some: true }]);
    await expect(query(credential, "delete from sales.orders")).rejects.toMatchObject({ code: "42501" });

    await requester.getByRole("button", { name: /forget it here/ }).click();
    await expect(requester.locator("[data-credential]")).toHaveCount(0);
    await requester.getByRole("button", { name: "End session" }).click();
    await requester.getByRole("dialog").getByRole("button", { name: "End session" }).click();
    await expect(requester.getByText("seen by a second account")).toBeVisible({ timeout: 20_000 });
    await expect(query(credential, "select 1")).rejects.toMatchObject({ code: "28P01" });
    expect(await wholePage(requester)).not.toContain(credential["password"]);
    expect(await tablesHolding([credential["password"] ?? ""])).toEqual([]);
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(complaints).toEqual([]);
  });
});

test.describe("the ask", () => {
  test("of low sensitivity is approved at once, and the form says so before", async ({ as }) => {
    const page = await as("requester");
    await fillAsk(page, { identity: "dbt_runner", access: "read the warehouse marts", purpose: "reporting", intent: "Compare the marts with the models" });
    await expect(preview(page).getByText(/^Approved at once/).last()).toBeVisible();
    await page.getByRole("button", { name: "Ask for access" }).click();
    await onRequestPage(page);
    await expect(page.getByRole("button", { name: "Get the credential" })).toBeVisible();
    await expect(page.getByText("Nobody had to be asked: policy approved it")).toBeVisible();
  });

  test("says beforehand why not, and keeps what is filled in when it is refused", async ({ as }) => {
    const page = await as("requester");
    const intent = "Run one more export from the old pipeline";
    await fillAsk(page, { identity: "jenkins_old", access: "read orders", purpose: "migration", intent, ticket: "CHG-1" });
    await expect(preview(page).getByText("This identity is suspended.").last()).toBeVisible();
    await page.getByRole("button", { name: "Ask for access" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "This identity is suspended" })).toBeVisible();
    await expect(page.getByLabel("What will be done")).toHaveValue(intent);
    await expect(page.getByLabel("Purpose")).toHaveValue("migration");
    await expect(page.getByLabel("Ticket")).toHaveValue("CHG-1");
    await expect(page.getByRole("combobox", { name: "Identity" })).toHaveValue("jenkins_old");
  });

  test("shows errors at their fields and stores nothing", async ({ as }) => {
    const page = await as("requester");
    await page.goto("/requests/new");
    await page.getByLabel("Ticket").fill("<script>");
    await page.getByLabel("Uses, at most").fill("-3");
    await page.getByRole("button", { name: "Ask for access" }).click();
    await expect(page.getByText("Pick an identity.")).toBeVisible();
    await expect(page.getByText("Pick an entitlement.")).toBeVisible();
    await expect(page.getByText(/A ticket key holds letters/)).toBeVisible();
    await expect(page.getByText("At least 1 use.")).toBeVisible();
    await expect(page.getByRole("combobox", { name: "Identity" })).toBeFocused();
  });

  test("offers the longest duration where too much is asked", async ({ as }) => {
    const page = await as("requester");
    await fillAsk(page, { identity: "agent_support", access: "read orders", purpose: "debugging", intent: "Look up the orders of one customer", ticket: "SUP-1" });
    await page.getByLabel("Duration", { exact: true }).fill("3");
    await expect(preview(page).getByText(/Policy allows at most 1 h; you asked for 3 h/).last()).toBeVisible();
    await preview(page).getByRole("button", { name: "Ask for 1 h instead" }).click();
    await expect(preview(page).getByText("2 people will be asked.").last()).toBeVisible();
  });

  test("sent twice by a double click is one request", async ({ as }) => {
    const page = await as("requester");
    await fillAsk(page, { identity: "fraud_scorer", access: "read the warehouse marts", purpose: "debugging", intent: "Look why scores jumped on Monday" });
    const before = await countRequests("fraud_scorer");
    await page.getByRole("button", { name: "Ask for access" }).dblclick();
    await onRequestPage(page);
    expect(await countRequests("fraud_scorer")).toBe(before + 1);
  });

  test("whose answer was lost is one request after asking again", async ({ as }) => {
    const page = await as("requester");
    await fillAsk(page, { identity: "metabase", access: "read the warehouse marts", purpose: "debugging", intent: "Look why the dashboard is empty" });
    const before = await countRequests("metabase");
    await page.route("**/requests/new", async (route) => {
      if (route.request().method() !== "POST") return route.fallback();
      await route.fetch();
      await route.abort("connectionreset");
    }, { times: 1 });
    await page.getByRole("button", { name: "Ask for access" }).click();
    await expect(page.getByRole("alert").filter({ hasText: /no answer/i })).toBeVisible();
    expect(await countRequests("metabase")).toBe(before + 1);
    await page.getByRole("button", { name: "Ask for access" }).click();
    await onRequestPage(page);
    expect(await countRequests("metabase")).toBe(before + 1);
  });
});

test.describe("the decision", () => {
  test("is refused to the asking side with the reason why, and is not in their queue", async ({ as }) => {
    const requester = await as("requester");
    const requestId = await submitAsk(requester, { identity: "deploy_bot", access: "read orders", purpose: "migration", intent: "Check the orders before the release", ticket: "CHG-77" });
    const owner = await as("owner");
    await owner.goto(`/requests/${requestId}`);
    await expect(owner.getByText("You own deploy_bot: its owner is on the asking side. Somebody else has to decide.")).toBeVisible();
    await expect(owner.getByRole("button", { name: "Approve" })).toHaveCount(0);
    await owner.goto("/approvals");
    await expect(owner.getByRole("link", { name: /deploy_bot/ })).toHaveCount(0);
  });

  test("needs a reason, and a denial is told to who asked", async ({ as }) => {
    const requester = await as("requester");
    const requestId = await submitAsk(requester, { identity: "vendor_acme", access: "read orders", purpose: "debugging", intent: "Let Acme look at their own shipments", ticket: "CHG-78" });
    const approver = await as("approver");
    await approver.goto(`/requests/${requestId}`);
    await approver.getByRole("button", { name: "Deny", exact: true }).click();
    await expect(approver.getByText("Give a reason (3 characters or more).")).toBeVisible();
    await expect(approver.getByLabel("Reason")).toBeFocused();
    await approver.getByLabel("Reason").fill("A vendor reads their own table only");
    await approver.getByRole("button", { name: "Deny", exact: true }).click();
    await expect(approver.getByText("A vendor reads their own table only")).toBeVisible();
    await expect(requester.getByText("A vendor reads their own table only")).toBeVisible();
    await expect(requester.getByRole("button", { name: "Get the credential" })).toHaveCount(0);
  });

  test("cannot be made on what was withdrawn meanwhile: the screen keeps still and says so", async ({ as }) => {
    const requester = await as("requester");
    const requestId = await submitAsk(requester, { identity: "inventory_sync", access: "read orders", purpose: "debugging", intent: "Compare stock with the orders", ticket: "CHG-79" });
    const approver = await as("approver");
    await approver.goto(`/requests/${requestId}`);
    await approver.getByLabel("Reason").fill("Half a sentence");
    await requester.getByRole("button", { name: "Withdraw request" }).click();
    await requester.getByRole("dialog").getByRole("button", { name: "Withdraw request" }).click();
    await expect(requester.getByText("withdrawn", { exact: true }).first()).toBeVisible();
    await expect(approver.getByText(/It was withdrawn: nothing is left to decide/)).toBeVisible();
    await expect(approver.getByLabel("Reason")).toHaveValue("Half a sentence");
    await approver.getByRole("button", { name: "Approve", exact: true }).click();
    await expect(approver.getByText(/This was withdrawn in the meantime/)).toBeVisible();
    await approver.getByRole("button", { name: "Show", exact: true }).click();
    await expect(approver.getByText(/Rita Okafor withdrew it/).first()).toBeVisible();
  });

  test("is a page of its own that nobody else finds", async ({ as }) => {
    const requester = await as("requester");
    const requestId = await submitAsk(requester, { identity: "svc_payments", access: "read orders", purpose: "debugging", intent: "Match payments with orders", ticket: "CHG-80" });
    const stranger = await as("second-approver");
    for (const path of [`/requests/${requestId}`, "/requests/not-an-id", "/requests/01900000-0000-7000-8000-000000000000"]) {
      await stranger.goto(path);
      await expect(stranger.getByRole("main")).not.toContainText("svc_payments");
      await expect(stranger.getByRole("heading", { level: 1 })).not.toContainText("Rita");
    }
    await decide(await as("approver"), requestId, { answer: "Deny", reason: "Only a test of who sees it" });
  });
});

test.describe("the credential", () => {
  const low = (identity: string, intent: string): Ask => ({ identity, access: "read the warehouse marts", purpose: "debugging", intent, duration: "15 min" });

  test("whose answer was lost is had by trying again, issued once", async ({ as }) => {
    const page = await as("requester");
    const requestId = await submitAsk(page, low("airflow_loader", "Look why the load is late"));
    let lost = 0;
    await page.route(`**/requests/${requestId}`, async (route) => {
      if (route.request().method() !== "POST") return route.fallback();
      lost += 1;
      await route.fetch();
      await route.abort("connectionreset");
    }, { times: 2 });
    await page.getByRole("button", { name: "Get the credential" }).click();
    await expect(page.getByText(/It may have been issued or not/)).toBeVisible({ timeout: 20_000 });
    expect(lost).toBe(2);
    await page.getByRole("button", { name: "Try again" }).click();
    const credential = await readCredential(page);
    expect(await query(credential, "select 1 as one")).toEqual([{ one: 1 }]);
    const grants = await withDatabase((client) => client.query("select state from grants where request_id = $1", [requestId]));
    expect(grants.rows).toEqual([{ state: "active" }]);
  });

  test("stays on screen while the page lives on, and is gone when it is left", async ({ as }) => {
    const page = await as("requester");
    const requestId = await submitAsk(page, low("svc_shipping", "Look where parcels wait"));
    await page.getByRole("button", { name: "Get the credential" }).click();
    const credential = await readCredential(page);
    const secret = credential["password"] ?? "";
    // News of this very request, as the worker sends them while somebody reads.
    await withDatabase((client) => client.query("select pg_notify('curfew', $1)", [JSON.stringify({ type: "grant.observed", subjects: { request: requestId } })]));
    await page.waitForRequest("**/*", { timeout: 1_500 }).catch(() => null);
    await expect(page.locator("[data-credential]")).toContainText(secret);
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("link", { name: "Requests" }).first().click();
    await page.waitForURL(/\/requests$/);
    await page.goBack();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("svc_shipping");
    await expect(page.locator("[data-credential]")).toHaveCount(0);
    expect(await wholePage(page)).not.toContain(secret);
    await expect(page.getByText("The credential was shown once and is not kept anywhere.", { exact: false })).toBeVisible();
  });
});
