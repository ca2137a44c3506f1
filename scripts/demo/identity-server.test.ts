import type { Server } from "node:http";
import http from "node:http";
import { createRemoteJWKSet, jwtVerify } from "jose";
import * as client from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../system/ports";
import { startIdentityProvider } from "./identity-server";
import { personas } from "./personas";
import { issuerOf, newProviderSettings, type ProviderSettings } from "./provider-settings";

let settings: ProviderSettings;
let server: Server;
let issuer: string;
const appUrl = "http://localhost:3000";

beforeAll(async () => {
  settings = newProviderSettings(await freePort(), appUrl);
  server = await startIdentityProvider(settings);
  issuer = issuerOf(settings);
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A browser reduced to what a sign-in needs: cookies, no automatic redirects. */
class Browser {
  private readonly cookies = new Map<string, string>();

  async go(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", ...init, headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      this.cookies.set(name, value);
    }
    return response;
  }

  async follow(response: Response): Promise<Response> {
    const target = new URL(response.headers.get("location") ?? "", issuer);
    return target.origin === issuer ? this.go(target.href) : response;
  }
}

async function authorization() {
  const configuration = await client.discovery(new URL(issuer), settings.clientId, settings.clientSecret, undefined, {
    execute: [client.allowInsecureRequests],
  });
  const verifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce() };
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: `${appUrl}/api/auth/callback/oidc`,
    scope: "openid email profile",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
  });
  return { configuration, checks, url };
}

async function choose(browser: Browser, sub: string) {
  const { configuration, checks, url } = await authorization();
  const page = new URL((await browser.go(url.href)).headers.get("location") ?? "", issuer).href;
  const chooser = await browser.go(page);
  const html = await chooser.text();
  const answer = await browser.go(page, {
    method: "POST",
    headers: { origin: issuer, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ sub }),
  });
  return { configuration, checks, html, chooser, answer, page };
}

async function signIn(browser: Browser, sub: string) {
  const { configuration, checks, answer, html, chooser } = await choose(browser, sub);
  const back = await browser.follow(answer);
  const callback = new URL(back.headers.get("location") ?? "");
  const tokens = await client.authorizationCodeGrant(configuration, callback, checks);
  return { claims: tokens.claims(), html, chooser };
}

describe("signing in to the demo", () => {
  it.each(personas)("works as $sub", async ({ sub, name, email }) => {
    const { claims } = await signIn(new Browser(), sub);
    expect(claims).toMatchObject({ iss: issuer, sub, name, email, email_verified: true });
  });

  it("asks again in the same browser, so that a visitor can change persona", async () => {
    const browser = new Browser();
    await signIn(browser, "requester");
    const { claims } = await signIn(browser, "approver");
    expect(claims?.sub).toBe("approver");
  });

  it("offers every persona on a page without scripts or foreign content", async () => {
    const { html, chooser } = await signIn(new Browser(), "owner");
    for (const { name } of personas) expect(html).toContain(`Sign in as ${name}`);
    expect(html).not.toMatch(/<script|https?:\/\/|style="/);
    const policy = chooser.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`form-action 'self' ${appUrl}`);
  });

  it("refuses a sign-in without PKCE", async () => {
    const { url } = await authorization();
    url.searchParams.delete("code_challenge");
    url.searchParams.delete("code_challenge_method");
    const response = await new Browser().go(url.href);
    expect(response.headers.get("location")).toContain("error=invalid_request");
  });

  it("refuses another redirect address, and says so in its own page", async () => {
    const { url } = await authorization();
    url.searchParams.set("redirect_uri", "http://localhost:3001/steal");
    const response = await new Browser().go(url.href);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("This sign-in has ended");
  });

  it("refuses an unknown person", async () => {
    expect((await choose(new Browser(), "superuser")).answer.status).toBe(400);
  });

  it("refuses a choice that another page sends", async () => {
    const browser = new Browser();
    const { page } = await choose(browser, "nobody");
    const form = { method: "POST", body: new URLSearchParams({ sub: "administrator" }) };
    expect((await browser.go(page, { ...form, headers: { origin: "http://localhost:3000" } })).status).toBe(403);
    expect((await browser.go(page, form)).status).toBe(403);
  });

  it("refuses every host name but its own", async () => {
    const status = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        http
          .get({ host: "127.0.0.1", port: settings.port, path: "/.well-known/openid-configuration", headers: { host } }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          })
          .once("error", reject);
      });
    expect(await status(`localhost:${settings.port}`)).toBe(200);
    expect(await status("evil.example")).toBe(421);
    expect(await status(`evil.example:${settings.port}`)).toBe(421);
    expect(await status(`127.0.0.1:${settings.port}`)).toBe(421);
  });
});

describe("workload tokens", () => {
  const job = {
    repository: "acme/orders",
    ref: "refs/heads/main",
    job: "nightly-backfill",
    workflow: "backfill.yml",
    actor: "requester@demo.curfew.test",
  };
  const ask = (body: unknown, authorization = `Bearer ${settings.workloadSecret}`) =>
    fetch(`${issuer}/workload/token`, { method: "POST", headers: { authorization }, body: JSON.stringify(body) });

  it("name the job, the web server and the issuer, and can be verified by the published keys", async () => {
    const { token } = (await (await ask(job)).json()) as { token: string };
    const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL(`${issuer}/jwks`)), { issuer, audience: appUrl });
    expect(payload).toMatchObject({ ...job, sub: "repo:acme/orders:ref:refs/heads/main:job:nightly-backfill" });
    expect(payload.jti).toBeTruthy();
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(600);
  });

  it("are given to nobody without the secret", async () => {
    expect((await ask(job, "Bearer guess")).status).toBe(401);
    expect((await ask(job, "")).status).toBe(401);
  });

  it.each([
    ["a repository with a path", { ...job, repository: "acme/orders/.." }],
    ["a missing job", { ...job, job: undefined }],
    ["an unknown claim", { ...job, admin: true }],
    ["no JSON", "text"],
  ])("are refused for %s", async (_, body) => {
    expect((await ask(body)).status).toBe(400);
  });

  it("publishes no private key", async () => {
    const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: Record<string, unknown>[] };
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(Object.keys(key)).not.toEqual(expect.arrayContaining(["d"]));
  });
});
