import { createHmac } from "node:crypto";
import http from "node:http";
import { expect, test } from "./fixtures/test";
import { submitAsk } from "./pages/requests";

test("a request arrives in the approver's open inbox, its links lead to the focused decision, which still asks, and it is settled once it is withdrawn", async ({ as }) => {
  const [requester, approver] = [await as("requester"), await as("approver")];
  await approver.goto("/inbox");
  await expect(approver.getByRole("heading", { level: 1, name: "Inbox" })).toBeVisible();
  const id = await submitAsk(requester, { identity: "dbt_runner", access: "read orders", purpose: "reporting", intent: "Check the report of last week against the orders", ticket: "INC-1" });

  const entry = approver.getByRole("listitem").filter({ has: approver.locator(`a[href="/requests/${id}"]`) });
  await expect(entry).toContainText("Rita Okafor asks for read orders");
  await expect(entry).toContainText("dbt_runner");
  await expect(entry).toContainText("Unread");
  await expect(approver.getByRole("link", { name: /^Inbox, .*unread/ })).toBeVisible();

  await approver.keyboard.press("j");
  await expect(approver.locator("[data-notice]").first()).toBeFocused();
  await entry.getByRole("link").first().focus();
  await approver.keyboard.press("Enter");
  await approver.waitForURL(`**/requests/${id}`);
  await expect(approver.getByRole("button", { name: /^Approve/ })).toBeVisible();
  await expect(approver.getByRole("button", { name: /^Deny/ })).toBeVisible();

  await test.step("a message's links bring the field under the cursor, and decide nothing", async () => {
    await approver.goto("/inbox");
    await expect(entry).not.toContainText("Unread");
    await approver.goto(`/requests/${id}#deny`);
    await expect(approver.locator("textarea[name=reason]")).toBeFocused();
    await expect(approver.getByRole("button", { name: /^Deny/ })).toBeVisible();
    await approver.goto("/inbox");
    await approver.goto(`/requests/${id}#ask`);
    await expect(approver.getByRole("textbox", { name: "Ask back, or comment" })).toBeFocused();
  });

  await requester.getByRole("button", { name: "Withdraw request" }).click();
  await requester.getByRole("dialog").getByRole("button", { name: "Withdraw request" }).click();
  await expect(requester.getByText("withdrawn", { exact: true }).first()).toBeVisible();
  await approver.goto("/inbox");
  await expect(entry).toContainText("done, or not asked any more");
});

test("how somebody is told is kept, and says that the demo sends no mail", async ({ as }) => {
  const page = await as("second-approver");
  await page.goto("/inbox/preferences");
  await expect(page.getByText("No mail server is set up")).toBeVisible();
  await page.getByLabel("What you asked for").selectOption("daily");
  await page.getByLabel("Your time zone").selectOption("Europe/Zurich");
  await page.getByRole("button", { name: "Save how you are told" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("What you asked for")).toHaveValue("daily");
  await expect(page.getByLabel("Your time zone")).toHaveValue("Europe/Zurich");
});

type Post = { readonly headers: http.IncomingHttpHeaders; readonly body: string };

/** Somebody's program that takes webhooks, on a port of its own. */
async function receiver(): Promise<{ readonly url: string; readonly posts: Post[]; readonly close: () => Promise<void> }> {
  const posts: Post[] = [];
  const server = http.createServer((message, answer) => {
    const parts: Buffer[] = [];
    message.on("data", (part: Buffer) => parts.push(part));
    message.on("end", () => {
      posts.push({ headers: message.headers, body: Buffer.concat(parts).toString("utf8") });
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("a port");
  return { url: `http://127.0.0.1:${address.port}/kept-to-itself`, posts, close: () => new Promise((done) => server.close(() => done())) };
}

/** The signature that Standard Webhooks 1.0 asks for, as a receiver computes it. */
function signed(secret: string, { headers, body }: Post): string {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  return `v1,${createHmac("sha256", key).update(`${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`).digest("base64")}`;
}

test("an administrator sets up a webhook, sees its secret once, and its receiver can tell that a notice is ours", async ({ as, origin }) => {
  const [page, requester] = [await as("administrator"), await as("requester")];
  const program = await receiver();
  const name = `hook ${Date.now()}`;
  await page.goto("/settings/webhooks");
  await page.getByText("Set up a webhook", { exact: true }).click();
  const form = page.getByRole("form", { name: "Set up a webhook" });
  await form.getByLabel("Name").fill(name);
  await form.getByLabel("It understands").selectOption("standard");
  await form.getByLabel("Address").fill(program.url);
  await form.getByLabel("This very host may stand inside our network").check();
  await form.getByRole("button", { name: "Set up webhook" }).click();
  await expect(form.getByText("Choose at least one.")).toBeVisible();
  await expect(form.getByLabel("Name")).toHaveValue(name);
  await expect(form.getByLabel("It understands")).toHaveValue("standard");
  await form.getByLabel("Waiting for you").check();
  await form.getByRole("button", { name: "Set up webhook" }).click();
  const secret = (await page.getByText(/^whsec_/).textContent()) ?? "";
  await page.reload();
  await expect(page.getByText(/^whsec_/)).toHaveCount(0);
  const row = page.getByRole("list", { name: "Receivers" }).getByRole("listitem").filter({ hasText: name });
  await expect(row).toContainText("127.0.0.1");
  await expect(page.locator("body")).not.toContainText("kept-to-itself");

  const id = await submitAsk(requester, { identity: "dbt_runner", access: "write orders", purpose: "backfill", intent: "Write the corrected currency column once", ticket: "INC-1" });
  const ofThis = () => program.posts.filter(({ body }) => body.includes(id));
  await expect.poll(() => ofThis().length).toBe(1);
  const [post] = ofThis();
  if (!post) throw new TypeError("a post");
  expect(post.headers["webhook-signature"]).toBe(signed(secret, post));
  expect(JSON.parse(post.body)).toMatchObject({
    type: "notice.request-to-decide",
    data: { title: "Rita Okafor asks for write orders on orders-db for dbt_runner", url: `${origin}/requests/${id}`, told: expect.arrayContaining([expect.stringMatching(/\S+ \S+/)]) as unknown },
  });

  await requester.getByRole("button", { name: "Withdraw request" }).click();
  await requester.getByRole("dialog").getByRole("button", { name: "Withdraw request" }).click();
  await expect(requester.getByText("withdrawn", { exact: true }).first()).toBeVisible();
  await row.getByRole("button", { name: `Remove ${name}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: `Remove ${name}` }).click();
  await expect(row).toHaveCount(0);
  await program.close();
});
