import { createHash } from "node:crypto";
import type { Page } from "@playwright/test";
import { withDatabase } from "./fixtures/database";
import { signInToken } from "./fixtures/sign-in";
import { expect, test } from "./fixtures/test";

/** Opens the page's stream by hand; `heard` grows, `done` says that the server ended it. */
async function openStream(page: Page): Promise<{ heard: () => Promise<string>; ended: () => Promise<boolean> }> {
  await page.goto("/sign-in/error");
  await page.evaluate(async () => {
    const state = { heard: "", ended: false };
    Object.assign(window, { streamState: state });
    const response = await fetch("/api/stream");
    state.heard = `status ${response.status}\n`;
    const reader = response.body?.getReader();
    void (async () => {
      const decoder = new TextDecoder();
      for (;;) {
        const part = await reader?.read();
        if (!part || part.done) break;
        state.heard += decoder.decode(part.value);
      }
      state.ended = true;
    })();
  });
  type Held = { streamState: { heard: string; ended: boolean } };
  return {
    heard: () => page.evaluate(() => (window as unknown as Held).streamState.heard),
    ended: () => page.evaluate(() => (window as unknown as Held).streamState.ended),
  };
}

test.describe("the live stream", () => {
  test("ends at once when its browser signs out", async ({ as, origin }) => {
    const page = await as("approver");
    const stream = await openStream(page);
    expect(await stream.heard()).toContain("status 200");
    await page.context().request.post(`${origin}/api/auth/signout`, { headers: { origin }, maxRedirects: 0 });
    await expect.poll(() => stream.ended(), { timeout: 3_000 }).toBe(true);
    expect(await stream.heard()).toContain("event: signed-out");
  });

  test("ends within 15 s when its sign-in is deleted without a word", async ({ as }) => {
    const page = await as("owner");
    const stream = await openStream(page);
    await withDatabase((client) =>
      client.query("delete from sign_ins where person_id = (select id from people where subject = 'owner') and created_at > now() - interval '1 minute'"),
    );
    await expect.poll(() => stream.ended(), { timeout: 17_000 }).toBe(true);
  });

  test("tells people only what they may see", async ({ as }) => {
    const [auditor, requester] = [await openStream(await as("auditor")), await openStream(await as("requester"))];
    const type = "system.reachable";
    const id = "01900000-0000-7000-8000-00000000c0de";
    await withDatabase((client) => client.query("select pg_notify('curfew', $1)", [JSON.stringify({ type, subjects: { system: id } })]));
    await expect.poll(() => auditor.heard()).toContain(id);
    expect(await requester.heard()).not.toContain(id);
  });

  test("is not open to whoever has no role", async ({ as }) => {
    expect(await (await openStream(await as("outsider"))).heard()).toContain("status 403");
  });

  test("is one for a whole browser: ten tabs are live and still have connections left for pages", async ({ as }) => {
    const page = await as("auditor");
    const tabs = [page];
    while (tabs.length < 10) tabs.push(await page.context().newPage());
    for (const tab of tabs) {
      await tab.goto("/sign-in/error");
      const first = await tab.evaluate(
        () =>
          new Promise<string>((resolve) => {
            const { port } = new SharedWorker("/live-worker.js", { name: "curfew-live" });
            port.onmessage = ({ data }: MessageEvent<{ kind: string }>) => resolve(data.kind);
            port.start();
            port.postMessage("hello");
          }),
      );
      expect(first, "a person may have eight streams, so the ninth tab shows whether they are shared").toBe("open");
    }
    expect(await tabs.at(-1)?.evaluate(async () => (await fetch("/api/health?live=1")).status)).toBe(200);
  });

  test("does not keep an unattended browser signed in: a page that refreshes itself is no activity", async ({ as, origin }) => {
    const page = await as("auditor");
    const hash = createHash("sha256").update(await signInToken(page.context(), origin)).digest();
    const minutesLeft = () =>
      withDatabase(async (client) => {
        const { rows } = await client.query<{ left: number }>(
          "select extract(epoch from expires_at - now())::float8 / 60 as left from sign_ins where token_hash = $1",
          [hash],
        );
        return rows[0]?.left ?? 0;
      });
    const refresh = () =>
      page.waitForResponse((response) => response.request().resourceType() === "fetch" && new URL(response.url()).pathname === "/");
    await Promise.all([refresh(), page.goto("/")]);
    await withDatabase((client) => client.query("update sign_ins set expires_at = now() + interval '10 minutes' where token_hash = $1", [hash]));
    const refreshed = refresh();
    const change = JSON.stringify({ type: "grant.observed", subjects: { grant: "01900000-0000-7000-8000-00000000c0de" } });
    await withDatabase((client) => client.query("select pg_notify('curfew', $1)", [change]));
    await refreshed;
    expect(await minutesLeft()).toBeLessThanOrEqual(10);
    await page.getByRole("link", { name: "Identities" }).first().click();
    await page.waitForURL((url) => url.pathname === "/identities");
    await expect.poll(minutesLeft).toBeGreaterThan(60);
  });
});
