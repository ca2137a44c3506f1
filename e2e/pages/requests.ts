import { expect, type Locator, type Page } from "@playwright/test";

/** One ask, by the names that are on screen. Each test has its own pair of identity and access. */
export type Ask = {
  readonly identity: string;
  readonly access: string;
  readonly purpose: string;
  readonly intent: string;
  readonly ticket?: string;
  /** As its button says: "30 min". */
  readonly duration?: string;
};

/** Picks by typing and the keyboard, as somebody in a hurry does. */
export async function pick(page: Page, label: string, name: string): Promise<void> {
  const field = page.getByRole("combobox", { name: label });
  await field.fill(name);
  const option = page.getByRole("listbox", { name: label }).getByRole("option").filter({ hasText: name });
  await expect(option.first()).toBeVisible();
  await field.press("ArrowDown");
  await field.press("Enter");
  await expect(field).toHaveValue(name);
}

/** Fills the form in; nothing is sent yet. */
export async function fillAsk(page: Page, ask: Ask): Promise<void> {
  await page.goto("/requests/new");
  await pick(page, "Identity", ask.identity);
  await pick(page, "Access", ask.access);
  await page.getByLabel("Purpose").selectOption(ask.purpose);
  await page.getByLabel("What will be done").fill(ask.intent);
  if (ask.ticket) await page.getByLabel("Ticket").fill(ask.ticket);
  if (ask.duration) await page.getByRole("button", { name: ask.duration, exact: true }).click();
}

/** What the form says will happen. */
export function preview(page: Page): Locator {
  return page.getByRole("region", { name: "What will happen" });
}

/** Asks and waits for the request's page; answers its id. */
export async function submitAsk(page: Page, ask: Ask): Promise<string> {
  await fillAsk(page, ask);
  await page.getByRole("button", { name: "Ask for access" }).click();
  return onRequestPage(page);
}

/** Waits until a request's page is there; answers its id. */
export async function onRequestPage(page: Page): Promise<string> {
  await page.waitForURL(/\/requests\/[0-9a-f]{8}-[0-9a-f-]{27}$/);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  return new URL(page.url()).pathname.split("/").at(-1) ?? "";
}

/** Gets the credential and reads it off the page, as its holder would copy it. */
export async function readCredential(page: Page): Promise<Record<string, string>> {
  const reveal = page.locator("[data-credential]");
  await expect(reveal.getByRole("heading", { name: /shown once/ })).toBeVisible();
  await reveal.getByRole("button", { name: "JSON", exact: true }).click();
  await reveal.getByRole("button", { name: "Show the password" }).click();
  return JSON.parse((await reveal.getByRole("region", { name: "Credential as JSON" }).textContent()) ?? "") as Record<string, string>;
}
