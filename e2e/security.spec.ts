import { apiRoutes } from "./fixtures/routes";
import { logsHolding, tablesHolding, withDatabase } from "./fixtures/database";
import { foreignSite, send } from "./fixtures/http";
import { signIn, signInCookie, signInToken } from "./fixtures/sign-in";
import { expect, test } from "./fixtures/test";

const routes = apiRoutes();
const calls = routes.flatMap((route) => route.methods.map((method) => ({ ...route, method })));
const evilHosts = (origin: string) => [
  "evil.example",
  `evil.example:${new URL(origin).port}`,
  `localhost.evil.example:${new URL(origin).port}`,
  `localhost:${Number(new URL(origin).port) + 1}`,
];
/** SCIM has a form of its own for what goes wrong. */
const problemType = (path: string) => (path.startsWith("/scim/") ? "application/scim+json" : "application/problem+json");
const cookieOf = (origin: string, token: string) => `${signInCookie(origin)}=${token}`;

test.describe("the door", () => {
  test("every route handler goes through the one guard", () => {
    expect(routes.length).toBeGreaterThan(4);
    expect(routes.filter(({ auth }) => auth === "unguarded")).toEqual([]);
  });

  test("a name that somebody else points at this server is not answered: pages, actions, routes", async ({ origin }) => {
    for (const host of evilHosts(origin)) {
      for (const path of ["/", "/sign-in", "/requests/new", "/live-worker.js", "/nothing-here"]) {
        expect((await send(origin, { path, headers: { host } })).status, `${host}${path}`).toBe(421);
      }
      const action = { method: "POST", path: "/requests/new", headers: { host, "next-action": "0".repeat(42) }, body: "[]" };
      expect((await send(origin, action)).status).toBe(421);
      for (const { method, path, alsoLoopback } of calls) {
        if (alsoLoopback && host.startsWith("localhost:")) continue;
        const answer = await send(origin, { method, path, headers: { host } });
        expect(answer.status, `${method} ${host}${path}`).toBe(421);
        expect(answer.headers["content-type"]).toContain(problemType(path));
      }
    }
  });

  test("the loopback number is told the address, and a stranger's name is not", async ({ origin }) => {
    const { port } = new URL(origin);
    expect((await send(origin, { path: "/", headers: { host: `127.0.0.1:${port}` } })).body).toContain(origin);
    expect((await send(origin, { path: "/", headers: { host: `evil.example:${port}` } })).body).not.toContain("localhost");
  });

  test("without a sign-in or token every route refuses, in the form of a problem document without a stack", async ({ origin }) => {
    for (const { method, path, auth } of calls.filter((call) => call.auth !== "public")) {
      const answer = await send(origin, { method, path, headers: { origin } });
      expect(answer.status, `${method} ${path} (${auth})`).toBe(401);
      expect(answer.headers["content-type"]).toContain(problemType(path));
      const told = path.startsWith("/scim/") ? { status: "401" } : { status: 401, correlationId: answer.headers["x-correlation-id"] };
      expect(JSON.parse(answer.body)).toMatchObject(told);
      expect(answer.body).not.toMatch(/\bat .*\.(ts|js):\d/);
      expect(answer.headers["cache-control"]).toContain("no-store");
    }
  });

  test("an address below /api that is none is a problem document, not a page without a policy", async ({ origin }) => {
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
      for (const path of ["/api/nothing", "/api/v1/nothing/here", "/api/auth/session", "/api/auth/providers", "/api/auth/_log"]) {
        const answer = await send(origin, { method, path });
        expect(answer.status, `${method} ${path}`).toBe(404);
        expect(answer.headers["content-type"]).toContain("application/problem+json");
        expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
        expect((await send(origin, { method, path, headers: { host: "evil.example" } })).status).toBe(421);
      }
    }
  });

  test("made-up, foreign and half-right cookies and tokens are nobody", async ({ origin, as }) => {
    const token = await signInToken((await as("auditor")).context(), origin);
    for (const wrong of ["x", token.slice(1), `${token}a`, encodeURIComponent(`' or 1=1 --`), "%00", "a".repeat(4_000)]) {
      const answer = await send(origin, { path: "/api/stream", headers: { cookie: cookieOf(origin, wrong) } });
      expect(answer.status, wrong.slice(0, 20)).toBe(401);
    }
    for (const { method, path } of calls.filter(({ auth }) => auth === "workload" || auth === "bearer")) {
      for (const authorization of [`Bearer ${token}`, "Bearer eyJhbGciOiJub25lIn0.e30.", "Basic YTpi", `Bearer ${"a".repeat(9_000)}.b.c`]) {
        expect((await send(origin, { method, path, headers: { authorization } })).status, `${method} ${path}`).toBe(401);
      }
    }
  });
});

test.describe("requests from elsewhere", () => {
  test("with the cookie but another origin are refused by every route that changes something", async ({ origin, as }) => {
    const cookie = cookieOf(origin, await signInToken((await as("administrator")).context(), origin));
    const port = Number(new URL(origin).port);
    const elsewhere = ["https://evil.example", `http://localhost:${port + 1}`, `http://127.0.0.1:${port}`, `https://localhost:${port}`, "null", undefined];
    const changing = calls.filter(({ method, auth, changesNothing }) => method !== "GET" && auth !== "workload" && auth !== "bearer" && !changesNothing);
    expect(changing.length).toBeGreaterThan(1);
    for (const { method, path } of changing) {
      for (const from of elsewhere) {
        const headers = { cookie, "content-type": "application/x-www-form-urlencoded", ...(from ? { origin: from } : {}) };
        expect((await send(origin, { method, path, headers, body: "next=/" })).status, `${method} ${path} from ${from}`).toBe(403);
      }
    }
  });

  test("sent by a page on another port of this machine, with the cookie along, change nothing", async ({ origin, as }) => {
    const page = await as("requester");
    const token = await signInToken(page.context(), origin);
    const site = await foreignSite(`<form id="f" method="post" action="${origin}/api/auth/signout"></form><script>f.submit()</script>`);
    try {
      const [request] = await Promise.all([
        page.waitForRequest((sent) => sent.url().endsWith("/api/auth/signout")),
        page.goto(site.origin).catch(() => null),
      ]);
      expect((await request.response())?.status()).toBe(403);
      expect((await request.allHeaders()).cookie, "the browser did send the cookie: it is the same site").toContain(token);
    } finally {
      site.close();
    }
    const still = await send(origin, { path: "/sign-in", headers: { cookie: cookieOf(origin, token) } });
    expect(still.status, "still signed in, so led on from the sign-in page").toBe(307);
  });

  test("for a server action are refused before the action runs", async ({ origin, as }) => {
    const cookie = cookieOf(origin, await signInToken((await as("requester")).context(), origin));
    const headers = { cookie, origin: "https://evil.example", "next-action": "0".repeat(42), "content-type": "text/plain;charset=UTF-8" };
    const answer = await send(origin, { method: "POST", path: "/sign-in", headers, body: "[]" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  test("cannot put the product into a frame or read its answers", async ({ origin }) => {
    const page = await send(origin, { path: "/sign-in" });
    expect(page.headers["x-frame-options"]).toBe("DENY");
    expect(page.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    const route = await send(origin, { path: "/api/health", headers: { origin: "https://evil.example" } });
    expect(route.headers["access-control-allow-origin"]).toBeUndefined();
    expect(route.headers["cross-origin-resource-policy"]).toBe("same-origin");
  });
});

test.describe("redirects", () => {
  const elsewhere = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example",
    "/.//evil.example", "/%2f%2fevil.example", "/%5cevil.example", "/%09/evil.example", "javascript:alert(1)", "/api/auth/signout",
    "@evil.example", ".evil.example", "/sign-in?next=//evil.example",
    "/sign-in/error?reason=left",
  ];

  test("after signing in lead nowhere but here", async ({ origin, browser }) => {
    for (const next of elsewhere) {
      const context = await browser.newContext();
      const form = { origin, "content-type": "application/x-www-form-urlencoded" };
      const chooser = await context.request.post(`${origin}/api/auth/signin`, { headers: form, form: { next } });
      const provider = new URL(chooser.url()).origin;
      const answer = await context.request.post(chooser.url(), { headers: { ...form, origin: provider }, form: { sub: "auditor" } });
      expect(new URL(answer.url()).origin, next).toBe(origin);
      expect(new URL(answer.url()).pathname, next).not.toMatch(/^\/(api|\/|sign-in)/);
      await context.close();
    }
  });

  test("from the sign-in page of somebody who is signed in lead nowhere but here", async ({ origin, as }) => {
    const cookie = cookieOf(origin, await signInToken((await as("auditor")).context(), origin));
    for (const next of elsewhere) {
      const answer = await send(origin, { path: `/sign-in?next=${encodeURIComponent(next)}`, headers: { cookie } });
      expect(answer.status).toBe(307);
      expect(new URL(answer.headers.location ?? "", origin).origin, next).toBe(origin);
    }
  });

  test("a sign-in page shows no foreign address as the way back", async ({ origin }) => {
    for (const next of elsewhere) {
      const { body } = await send(origin, { path: `/sign-in?next=${encodeURIComponent(next)}` });
      expect(body.match(/name="next" value="([^"]*)"/)?.[1], next).toMatch(/^\/(?![/\\])/);
    }
  });
});

test.describe("a sign-in", () => {
  test("leaves neither its token nor the identity provider's tokens in any table or log", async ({ origin, as }) => {
    const context = (await as("owner")).context();
    const token = await signInToken(context, origin);
    expect(await tablesHolding([token])).toEqual([]);
    expect(logsHolding([token, "eyJhbGciOi", "eyJ0eXAiOi"])).toEqual([]);
    expect(await tablesHolding(["eyJhbGciOi", "eyJ0eXAiOi"]), "no JSON Web Token anywhere").toEqual([]);
    await withDatabase(async (client) => {
      const { rows } = await client.query<{ size: number }>("select distinct octet_length(token_hash) as size from sign_ins");
      expect(rows).toEqual([{ size: 32 }]);
    });
  });

  test("gets a new token each time and ends the browser's former one", async ({ origin, as }) => {
    const page = await as("requester");
    const context = page.context();
    const first = await signInToken(context, origin);
    await signIn(context, origin, "approver");
    expect(await signInToken(context, origin)).not.toBe(first);
    expect((await send(origin, { path: "/api/stream", headers: { cookie: cookieOf(origin, first) } })).status).toBe(401);
  });

  test("that was planted in the browser before is not continued", async ({ origin, as, browser }) => {
    const planted = await signInToken((await as("outsider")).context(), origin);
    const context = await browser.newContext();
    await context.addCookies([{ name: signInCookie(origin), value: planted, url: origin }]);
    await signIn(context, origin, "administrator");
    expect(await signInToken(context, origin)).not.toBe(planted);
    await context.close();
  });

  test("works without JavaScript, and its cookie is out of reach of scripts and of other sites", async ({ origin, as }) => {
    const page = await as(null, { javaScriptEnabled: false });
    await page.goto("/sign-in");
    await page.getByRole("button", { name: "Choose a persona" }).click();
    await page.getByRole("button", { name: /Aurel Novak/ }).click();
    await page.waitForURL((url) => url.origin === origin && !url.pathname.startsWith("/api"));
    const cookie = (await page.context().cookies()).find(({ name }) => name === signInCookie(origin));
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    const hours = ((cookie?.expires ?? 0) - Date.now() / 1_000) / 3_600;
    expect(hours).toBeLessThanOrEqual(8);
  });

  test("with a made-up or foreign answer of the identity provider is refused in words, without a trace of it", async ({ origin }) => {
    for (const query of ["", "?code=a&state=b", "?error=access_denied&error_description=%3Cscript%3E"]) {
      const answer = await send(origin, { path: `/api/auth/callback/oidc${query}` });
      expect(answer.status).toBe(303);
      expect(answer.headers.location).toMatch(/^\/sign-in\/error\?reason=(provider|cancelled|fault)&id=[0-9a-f-]{36}$/);
    }
    expect((await send(origin, { path: "/api/auth/callback/oidc?code=%00" })).status).toBe(400);
    const page = await send(origin, { path: "/sign-in/error?reason=%3Cscript%3E&id=%3Cscript%3Ealert(1)" });
    expect(page.status).toBe(200);
    expect(page.body.toLowerCase()).not.toContain("<script>alert");
  });
});

test.describe("the health report", () => {
  test("names its parts to everybody, and ages to nobody from elsewhere", async ({ origin }) => {
    const answer = await send(origin, { path: "/api/health" });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ status: "healthy", web: "healthy", database: "healthy", worker: "healthy", ledger: "healthy" });
    const proxied = await send(origin, { path: "/api/health", headers: { "x-forwarded-for": "203.0.113.7" } });
    expect(JSON.parse(proxied.body)).not.toHaveProperty("details");
  });

  test("says apart from it that the server is alive", async ({ origin }) => {
    expect(JSON.parse((await send(origin, { path: "/api/health?live=1" })).body)).toEqual({ status: "alive" });
  });
});
