import { readFileSync } from "node:fs";
import { withDatabase } from "./fixtures/database";
import { send } from "./fixtures/http";
import { signInCookie, signInToken, type Persona } from "./fixtures/sign-in";
import { expect, test } from "./fixtures/test";

const first = (sql: string) => withDatabase(async (client) => (await client.query<{ id: string }>(sql)).rows[0]?.id ?? "");
const proven = "select request_id as id from grants where state = 'proven' order by created_at desc limit 1";

const places: readonly (readonly [persona: Persona | null, path: () => Promise<string> | string])[] = [
  [null, () => "/sign-in"],
  [null, () => "/sign-in/error?reason=left"],
  [null, () => "/verify"],
  [null, () => "/nothing-here"],
  ["outsider", () => "/"],
  ["requester", () => "/"],
  ["requester", () => "/requests/new"],
  ["requester", () => "/requests"],
  ["requester", () => "/evidence"],
  ["approver", () => "/approvals"],
  ["administrator", async () => `/requests/${await first(proven)}`],
  ["administrator", () => "/sessions"],
  ["administrator", () => "/people"],
  ["administrator", () => "/systems"],
  ["administrator", async () => `/systems/${await first("select id from systems limit 1")}`],
  ["owner", () => "/identities"],
  ["administrator", async () => `/identities/${await first("select id from identities order by name limit 1")}`],
  ["auditor", () => "/evidence"],
  ["auditor", async () => `/evidence/${await first(proven)}`],
  ["auditor", () => "/evidence/exports"],
];

const nonceOf = (policy: string | string[] | undefined) => /script-src 'self' 'nonce-([A-Za-z0-9+/=]{22,})' 'strict-dynamic';/.exec(String(policy))?.[1];

test("no page is made at build time: it could carry no nonce", () => {
  const manifest = JSON.parse(readFileSync(".next-test/prerender-manifest.json", "utf8")) as { routes: object };
  // Next keeps its own last-resort pages; they hold no script of ours and no data.
  expect(Object.keys(manifest.routes).filter((path) => !path.startsWith("/_"))).toEqual([]);
});

test("every page has the policy, with a nonce of its own each time", async ({ origin, as }) => {
  test.setTimeout(180_000);
  const seen = new Set<string>();
  for (const [persona, place] of places) {
    const path = await place();
    const cookie = persona ? `${signInCookie(origin)}=${await signInToken((await as(persona)).context(), origin)}` : "";
    for (let round = 0; round < 2; round++) {
      const { headers, body } = await send(origin, { path, headers: cookie ? { cookie } : {} });
      const policy = headers["content-security-policy"];
      const nonce = nonceOf(policy) ?? "";
      expect(nonce, path).not.toBe("");
      expect(seen.has(nonce), `${path} used a nonce again`).toBe(false);
      seen.add(nonce);
      expect(policy).toMatch(/style-src 'self' 'nonce-[^']+';/);
      for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "connect-src 'self'"]) expect(policy, path).toContain(rule);
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline|\*/);
      for (const [, attributes = ""] of body.matchAll(/<script\b([^>]*)>/g)) expect(attributes, path).toContain(`nonce="${nonce}"`);
      for (const [, attributes = ""] of body.matchAll(/<style\b([^>]*)>/g)) expect(attributes, path).toContain(`nonce="${nonce}"`);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["referrer-policy"]).toBe("same-origin");
      expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
      expect(headers["cache-control"], path).toContain("no-store");
      expect(headers["x-powered-by"]).toBeUndefined();
    }
  }
});

for (const scheme of ["light", "dark"] as const) {
  test(`no page breaks its own policy, in ${scheme}`, async ({ as, complaints }) => {
    test.setTimeout(240_000);
    for (const [persona, place] of places) {
      const page = await as(persona, { colorScheme: scheme });
      await page.goto(await place());
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await page.waitForLoadState("load");
      expect(complaints, await place()).toEqual([]);
      await page.context().close();
    }
  });
}

test("a script that found its way into a page does not run", async ({ as }) => {
  const page = await as("requester");
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const ran = await page.evaluate(async () => {
    const held = window as unknown as { ran?: string[] };
    held.ran = [];
    const box = document.createElement("div");
    box.innerHTML = `<img src="x:" onerror="window.ran.push('handler')"><a id="bad" href="javascript:window.ran.push('link')">x</a>`;
    document.body.append(box);
    const inline = document.createElement("div");
    inline.innerHTML = `<iframe srcdoc="<script>parent.ran.push('frame')</script>"></iframe>`;
    document.body.append(inline);
    document.getElementById("bad")?.click();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return held.ran;
  });
  expect(ran).toEqual([]);
});
