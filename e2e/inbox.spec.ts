import { expect, test } from "./fixtures/test";
import { submitAsk } from "./pages/requests";

test("a request arrives in the approver's open inbox, and leads to its page", async ({ as }) => {
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

  await requester.getByRole("button", { name: "Withdraw request" }).click();
  await requester.getByRole("dialog").getByRole("button", { name: "Withdraw request" }).click();
  await expect(requester.getByText("withdrawn", { exact: true }).first()).toBeVisible();
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
