import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { BrowserContext } from "@playwright/test";
import { callAction, serverActions } from "./fixtures/actions";
import { withDatabase } from "./fixtures/database";
import { send } from "./fixtures/http";
import { signInCookie, signInToken } from "./fixtures/sign-in";
import { expect, test } from "./fixtures/test";

/** Somebody of this test's own, with a role and two browsers: taking a persona away would break the other tests. */
async function somebody(contexts: readonly BrowserContext[], origin: string): Promise<{ personId: string; tokens: string[] }> {
  const personId = randomUUID();
  const tokens = contexts.map(() => randomBytes(32).toString("base64url"));
  await withDatabase(async (client) => {
    await client.query(
      "insert into people (id, issuer, subject, name, created_at) values ($1, 'https://elsewhere.example', $2, 'Lena Vogt', now())",
      [personId, personId],
    );
    await client.query("insert into person_roles (person_id, role, since) values ($1, 'requester', now())", [personId]);
    for (const token of tokens) {
      const hash = createHash("sha256").update(token).digest();
      await client.query(
        "insert into sign_ins (id, token_hash, person_id, created_at, expires_at) values ($1, $2, $3, now(), now() + interval '1 hour')",
        [randomUUID(), hash, personId],
      );
    }
  });
  await Promise.all(contexts.map((context, at) => context.addCookies([{ name: signInCookie(origin), value: tokens[at] ?? "", url: origin, httpOnly: true }])));
  return { personId, tokens };
}

test("whoever is set to left is out of every browser at once, and an administrator alone can do that", async ({ as, origin }) => {
  const pages = [await as(null), await as(null)];
  const { personId, tokens } = await somebody(pages.map((page) => page.context()), origin);
  const endpoint = serverActions().find(({ name }) => name === "setPersonLeftAction")?.endpoint;
  if (!endpoint) throw new TypeError("no page offers to set a person to left");
  const cookieOf = async (persona: "administrator" | "auditor") =>
    `${signInCookie(origin)}=${await signInToken((await as(persona)).context(), origin)}`;

  for (const page of pages) {
    await page.goto("/requests");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.evaluate(() => {
      const source = new EventSource("/api/stream");
      source.addEventListener("signed-out", () => {
        source.close();
        document.title = "told";
      });
      return new Promise((resolve) => source.addEventListener("open", resolve));
    });
  }
  const refused = await callAction(origin, endpoint, { cookie: await cookieOf("auditor"), fields: { personId } });
  expect(refused.body).toContain('"code":"no-permission"');

  const started = Date.now();
  const done = await callAction(origin, endpoint, { cookie: await cookieOf("administrator"), fields: { personId } });
  expect(done.body).toContain('"status":"done"');
  for (const page of pages) await expect(page).toHaveTitle("told", { timeout: 3_000 });
  expect(Date.now() - started).toBeLessThan(5_000);

  for (const token of tokens) {
    const cookie = `${signInCookie(origin)}=${token}`;
    expect((await send(origin, { path: "/api/stream", headers: { cookie } })).status).toBe(401);
    expect((await callAction(origin, endpoint, { cookie, fields: { personId } })).body).toContain('"status":"signed-out"');
  }
  for (const page of pages) {
    await page.goto("/requests");
    await page.waitForURL((url) => url.pathname === "/sign-in");
  }
  const left = await withDatabase((client) =>
    client.query("select 1 from sign_ins where person_id = $1 union all select 1 from people where id = $1 and left_at is null", [personId]),
  );
  expect(left.rowCount).toBe(0);
});

test("administrators cannot set themselves to left", async ({ as, origin }) => {
  const endpoint = serverActions().find(({ name }) => name === "setPersonLeftAction")?.endpoint;
  if (!endpoint) throw new TypeError("no page offers to set a person to left");
  const cookie = `${signInCookie(origin)}=${await signInToken((await as("administrator")).context(), origin)}`;
  const { rows } = await withDatabase((client) => client.query<{ id: string }>("select id from people where subject = 'administrator'"));
  const answer = await callAction(origin, endpoint, { cookie, fields: { personId: rows[0]?.id ?? "" } });
  expect(answer.body).toContain('"status":"refused","code":"yourself"');
});
