import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { expect, test } from "./fixtures/test";
import type { Persona } from "./fixtures/sign-in";

type Screen = readonly [name: string, persona: Persona | null, path: string | (() => Promise<string>)];

async function firstId(sql: string): Promise<string> {
  return withDatabase(async (client) => (await client.query<{ id: string }>(sql)).rows[0]?.id ?? "");
}

const pending = "select id from requests where state = 'pending' and not demo order by submitted_at limit 1";
const proven = "select request_id as id from grants where state = 'proven' order by created_at desc limit 1";

const campaign = "select id from reviews where name = 'Platform, November'";
const openItem = `select t.id from review_items t join review_reviewers v on v.item_id = t.id and v.is_asked join people p on p.id = v.person_id and p.subject = 'owner'
  where t.review_id = (${campaign}) and t.state = 'open' order by t.position limit 1`;
const decidedItem = `select t.id from review_items t where t.review_id = (${campaign}) and t.state = 'decided' order by t.position limit 1`;

const screens: readonly Screen[] = [
  ["sign-in", null, "/sign-in"],
  ["sign-in error", null, "/sign-in/error"],
  ["no role yet", "outsider", "/"],
  ["overview of a requester", "requester", "/"],
  ["overview of an approver", "approver", "/"],
  ["overview of an owner", "owner", "/"],
  ["overview of an auditor", "auditor", "/"],
  ["overview of an administrator", "administrator", "/"],
  ["a new request", "requester", "/requests/new"],
  ["my requests", "requester", "/requests"],
  ["a waiting request, to decide", "approver", async () => `/requests/${await firstId(pending)}`],
  ["a finished request", "administrator", async () => `/requests/${await firstId(proven)}`],
  ["the approval queue", "approver", "/approvals"],
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
  ["exports", "auditor", "/evidence/exports"],
  ["reviews of an owner", "owner", "/reviews"],
  ["reviews of an administrator", "administrator", "/reviews"],
  ["items to decide", "owner", "/reviews/decide"],
  ["an item to decide", "owner", async () => `/reviews/decide?open=${await firstId(openItem)}`],
  ["a new campaign", "administrator", "/reviews/new"],
  ["a running campaign", "auditor", async () => `/reviews/${await firstId(campaign)}`],
  ["a decided item", "auditor", async () => `/reviews/${await firstId(campaign)}/items/${await firstId(decidedItem)}`],
  ["people", "administrator", "/people"],
  ["a person", "administrator", async () => `/people/${await firstId("select id from people where subject = 'approver'")}`],
  ["teams and on-call", "administrator", "/people/teams"],
  ["the directory", "administrator", "/people/directory"],
  ["hand-overs", "administrator", "/identities/hand-overs"],
  ["no permission", "requester", "/evidence"],
  ["nothing here", "requester", "/nothing-here"],
];

async function open(page: Page, path: Screen[2]): Promise<void> {
  await page.goto(typeof path === "string" ? path : await path());
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
}

for (const scheme of ["light", "dark"] as const) {
  test.describe(`in ${scheme}`, () => {
    for (const [name, persona, path] of screens) {
      test(`${name} has no accessibility violation`, async ({ as }) => {
        const page = await as(persona, { colorScheme: scheme, reducedMotion: "reduce" });
        await open(page, path);
        const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`)).toEqual([]);
      });
    }
  });
}

test.describe("at 360 px", () => {
  for (const [name, persona, path] of screens) {
    test(`${name} needs no sideways scrolling`, async ({ as }) => {
      const page = await as(persona, { viewport: { width: 360, height: 740 } });
      await open(page, path);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  }
});

test.describe("by keyboard alone", () => {
  for (const [name, persona, path] of screens) {
    test(`everything on ${name} is reached, and the focus is always seen`, async ({ as }) => {
      const page = await as(persona);
      await open(page, path);
      const expected = await page.evaluate(() => {
        const visible = (element: HTMLElement) => element.checkVisibility({ visibilityProperty: true }) && element.closest("[inert],[aria-hidden=true]") === null;
        const all = [...document.querySelectorAll<HTMLElement>("a[href],button:not([disabled]),input:not([disabled]):not([type=hidden]),select:not([disabled]),textarea:not([disabled])")];
        return all.filter((element) => visible(element) && element.tabIndex >= 0 && element.getAttribute("type") !== "radio").length;
      });
      const reached = new Set<string>();
      let unseen = "";
      for (let step = 0; step < expected * 2 + 30; step++) {
        await page.keyboard.press("Tab");
        const focus = await page.evaluate(() => {
          const element = document.activeElement;
          if (!(element instanceof HTMLElement) || element === document.body) return null;
          element.dataset["reached"] ??= String(Math.random());
          const style = getComputedStyle(element);
          const ring = style.outlineStyle !== "none" || style.boxShadow !== "none" || element.matches(":has(:focus-visible)");
          const outer = element.closest<HTMLElement>("[data-focus-ring]");
          return { key: element.dataset["reached"], seen: ring || outer !== null || element.parentElement?.matches(":focus-within") === true, what: element.outerHTML.slice(0, 120) };
        });
        if (!focus) continue;
        if (!focus.seen) unseen = focus.what;
        reached.add(focus.key);
      }
      expect(unseen).toBe("");
      expect(reached.size).toBeGreaterThanOrEqual(expected);
    });
  }
});
