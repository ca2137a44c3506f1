import type { Page } from "@playwright/test";
import { withDatabase } from "../fixtures/database";
import type { Persona } from "../fixtures/sign-in";
import { expect } from "../fixtures/test";

/** What is tried: its name, who looks, and where. */
export type Screen = readonly [name: string, persona: Persona | null, path: string | (() => Promise<string>)];

async function firstId(sql: string): Promise<string> {
  return withDatabase(async (client) => (await client.query<{ id: string }>(sql)).rows[0]?.id ?? "");
}

const pending = "select id from requests where state = 'pending' and not demo order by submitted_at limit 1";
const proven = "select request_id as id from grants where state = 'proven' order by created_at desc limit 1";

const campaign = "select id from reviews where name = 'Platform, November'";
const openItem = `select t.id from review_items t join review_reviewers v on v.item_id = t.id and v.is_asked join people p on p.id = v.person_id and p.subject = 'owner'
  where t.review_id = (${campaign}) and t.state = 'open' order by t.position limit 1`;
const decidedItem = `select t.id from review_items t where t.review_id = (${campaign}) and t.state = 'decided' order by t.position limit 1`;

/** Every screen that the accessibility tests go through. */
export const screens: readonly Screen[] = [
  ["sign-in", null, "/sign-in"],
  ["sign-in error", null, "/sign-in/error"],
  ["verifying a bundle", null, "/verify"],
  ["no role yet", "outsider", "/"],
  ["overview of a requester", "requester", "/"],
  ["overview of an approver", "approver", "/"],
  ["overview of an owner", "owner", "/"],
  ["overview of an auditor", "auditor", "/"],
  ["overview of an administrator", "administrator", "/"],
  ["a new request", "requester", "/requests/new"],
  ["templates of requests", "requester", "/requests/templates"],
  ["my requests", "requester", "/requests"],
  ["a waiting request, to decide", "approver", async () => `/requests/${await firstId(pending)}`],
  ["a finished request", "administrator", async () => `/requests/${await firstId(proven)}`],
  ["the approval queue", "approver", "/approvals"],
  ["sources of uses", "auditor", "/evidence/sources"],
  ["a new source of uses", "administrator", "/evidence/sources/new"],
  ["a source of uses", "administrator", async () => `/evidence/sources/${await firstId("select id from sources order by kind, name limit 1")}`],
  ["sessions", "administrator", "/sessions"],
  ["identities", "owner", "/identities"],
  ["a new identity", "owner", "/identities/new"],
  ["an identity", "administrator", async () => `/identities/${await firstId("select id from identities where name = 'billing_sync'")}`],
  ["systems", "administrator", "/systems"],
  ["imports", "administrator", "/systems/imports"],
  ["a file to import", "administrator", "/systems/imports/new"],
  ["connecting a system", "administrator", "/systems/new"],
  ["a system", "administrator", async () => `/systems/${await firstId("select id from systems limit 1")}`],
  ["findings", "administrator", "/findings"],
  ["evidence", "auditor", "/evidence"],
  ["a chain", "auditor", async () => `/evidence/${await firstId(proven)}`],
  ["questions", "auditor", "/evidence/questions"],
  ["controls", "auditor", "/evidence/controls?q=AC-2"],
  ["a control", "auditor", "/evidence/controls/800-53-ac-2-3"],
  ["exports", "auditor", "/evidence/exports"],
  ["sample", "auditor", "/evidence/exports/sample"],
  ["emergencies of an owner", "owner", "/break-glass"],
  ["emergencies of an administrator", "administrator", "/break-glass"],
  ["breaking the glass", "owner", "/break-glass/new"],
  ["reviews of an owner", "owner", "/reviews"],
  ["reviews of an administrator", "administrator", "/reviews"],
  ["items to decide", "owner", "/reviews/decide"],
  ["an item to decide", "owner", async () => `/reviews/decide?open=${await firstId(openItem)}`],
  ["a new campaign", "administrator", "/reviews/new"],
  ["a running campaign", "auditor", async () => `/reviews/${await firstId(campaign)}`],
  ["a decided item", "auditor", async () => `/reviews/${await firstId(campaign)}/items/${await firstId(decidedItem)}`],
  ["people", "administrator", "/people"],
  ["a person", "administrator", async () => `/people/${await firstId("select id from people where subject = 'approver'")}`],
  ["one's own page", "approver", async () => `/people/${await firstId("select id from people where subject = 'approver'")}`],
  ["teams and on-call", "administrator", "/people/teams"],
  ["the directory", "administrator", "/people/directory"],
  ["hand-overs", "administrator", "/identities/hand-overs"],
  ["the inbox", "approver", "/inbox"],
  ["how one is told", "owner", "/inbox/preferences"],
  ["webhooks", "administrator", "/settings/webhooks"],
  ["auditors", "administrator", "/settings/auditors"],
  ["checkpoints", "administrator", "/settings/checkpoints"],
  ["retention", "administrator", "/settings/retention?days=365"],
  ["no permission", "requester", "/evidence"],
  ["nothing here", "requester", "/nothing-here"],
];

/** Goes there and waits until all of it stands. */
export async function open(page: Page, path: Screen[2]): Promise<void> {
  await page.goto(typeof path === "string" ? path : await path());
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
  // It comes with what the page is about, after the page.
  await expect(page).toHaveTitle(/\S/);
}
