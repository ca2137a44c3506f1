import { expect, test } from "./fixtures/test";
import { fillAsk, onRequestPage, pick, preview } from "./pages/requests";

test("a request is kept as a template, fills the form in without asking, and is renamed and removed", async ({ as }) => {
  const page = await as("requester");
  await fillAsk(page, { identity: "svc_shipping", access: "read the warehouse marts", purpose: "reporting", intent: "Count the shipments of the month for the report", duration: "15 min" });
  const name = `Month's shipments ${Date.now()}`;
  await page.getByRole("button", { name: "Keep as template" }).click();
  const dialog = page.getByRole("dialog", { name: "Keep as template" });
  await dialog.getByLabel("Name").fill(name);
  await expect(dialog.getByLabel("Shared with").getByRole("option", { name: "Delivery" })).toBeAttached();
  await dialog.getByLabel("Shared with").selectOption({ label: "Delivery" });
  await dialog.getByRole("button", { name: "Keep template" }).click();
  await expect(dialog.getByText("Nothing was asked.")).toBeVisible();
  await dialog.getByRole("link", { name: "Open templates" }).click();

  const row = page.getByRole("listitem").filter({ hasText: name });
  await expect(row.getByText("Yours, shared with Delivery")).toBeVisible();
  await page.goto("/requests/new");
  await pick(page, "Start from a template", name);
  await expect(page.getByText("Nothing is asked until you ask.")).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Identity" })).toHaveValue("svc_shipping");
  await expect(page.getByRole("combobox", { name: "Access" })).toHaveValue("read the warehouse marts");
  await expect(page.getByLabel("What will be done")).toHaveValue("Count the shipments of the month for the report");
  await expect(page.getByLabel("Ticket")).toHaveValue("");
  expect(new URL(page.url()).pathname, "it fills in and asks nothing").toBe("/requests/new");

  await page.getByRole("link", { name: "Your templates" }).click();
  await page.getByRole("button", { name: `Rename or share ${name}` }).click();
  const change = page.getByRole("dialog");
  await change.getByRole("textbox", { name: "Name" }).fill(`${name} again`);
  await change.getByLabel("Shared with").selectOption("");
  await change.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: `${name} again` }).getByText("Yours, shared with nobody")).toBeVisible();

  const administrator = await as("administrator");
  await administrator.goto("/requests/templates");
  const seen = administrator.getByRole("listitem").filter({ hasText: `${name} again` });
  await expect(seen.getByRole("link", { name: "Start from it" })).toHaveCount(0);
  await seen.getByRole("button", { name: "Remove" }).click();
  await administrator.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect(seen).toHaveCount(0);

  const owner = await as("owner");
  await owner.goto("/requests/templates");
  await expect(owner.getByText(name)).toHaveCount(0);
});

test("whoever answers for an identity says why they ask for what it has standing, and whoever decides reads it", async ({ as }) => {
  const owner = await as("owner");
  await fillAsk(owner, { identity: "legacy_etl", access: "write orders", purpose: "backfill", intent: "Look at the orders that the partner misses", ticket: "INC-4811", duration: "15 min" });
  await expect(preview(owner).getByText(/It already has write orders, standing/)).toBeVisible();
  const why = owner.getByLabel("Why ask for what it has standing");
  await expect(why).toBeVisible();
  await owner.getByRole("button", { name: "Ask for access" }).click();
  await expect(owner.getByText(/Nobody was asked yet: say why it is asked all the same/)).toBeVisible();
  await expect(why).toBeFocused();
  await why.fill("Its standing account is to be taken away; this tries the other way");
  await owner.getByRole("button", { name: "Ask for access" }).click();
  const requestId = await onRequestPage(owner);
  await expect(owner.getByRole("button", { name: "Keep as template" })).toBeVisible();

  const approver = await as("approver");
  await approver.goto(`/requests/${requestId}`);
  await expect(approver.getByText("Held standing when it was asked")).toBeVisible();
  await expect(approver.getByText("Its standing account is to be taken away")).toBeVisible();
  const auditor = await as("auditor");
  await auditor.goto(`/evidence/${requestId}`);
  await expect(auditor.getByText("Its standing account is to be taken away").first()).toBeVisible();

  await owner.getByRole("button", { name: "Withdraw request" }).click();
  await owner.getByRole("dialog").getByRole("button", { name: "Withdraw request" }).click();
  await expect(owner.getByRole("link", { name: "Ask again" })).toBeVisible();
});
