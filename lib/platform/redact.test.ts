import { Writable } from "node:stream";
import pino from "pino";
import { describe, expect, it } from "vitest";
import { loggedError } from "@/lib/platform/logger";
import { redactHeaders, redactPath, scrub } from "@/lib/platform/redact";
import { stubEnvironment } from "@/lib/platform/test-environment";

stubEnvironment();

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJyaXRhIn0.c2lnbmF0dXJlLWJ5dGVz";

describe("what reaches the log", () => {
  it("holds harmless headers only, whatever else a request carries", () => {
    const headers = new Headers({
      cookie: "curfew-3000-sign-in=hush",
      authorization: `Bearer ${jwt}`,
      "x-api-key": "hush",
      "x-forwarded-authorization": "hush",
      "user-agent": "curl/8",
      host: "localhost:3000",
    });
    expect(redactHeaders(headers)).toEqual({ "user-agent": "curl/8", host: "localhost:3000" });
    expect(redactHeaders({ Cookie: "hush", "set-cookie": ["hush"], origin: ["a", "b"] })).toEqual({ origin: "a, b" });
  });

  it.each([
    ["/api/auth/callback/oidc?code=hush&state=hush", "/api/auth/callback/oidc?code=…&state=…"],
    ["/requests?q=hush&q=hush#hush", "/requests?q=…"],
    ["/requests", "/requests"],
    ["", ""],
  ])("shows a path without its values: %s", (path, shown) => {
    expect(redactPath(path)).toBe(shown);
  });

  it.each([
    `token ${jwt} refused`,
    `Authorization: Bearer hush-hush-hush`,
    "CREATE ROLE x PASSWORD 'SCRAM-SHA-256$4096:hush$hush:hush'",
    "cannot connect to postgresql://curfew_app:hush-hush@127.0.0.1:5432/curfew",
    "client_secret=hush-hush-hush&grant_type=code",
    '{"password": "hush-hush"}',
    "-----BEGIN PRIVATE KEY-----\nhush\nhush\n-----END PRIVATE KEY-----",
  ])("is scrubbed of what looks like a secret: %s", (text) => {
    const clean = scrub(text);
    expect(clean).toContain("[redacted]");
    expect(clean).not.toMatch(/hush|c2lnbmF0/);
  });

  it("keeps what is no secret", () => {
    const text = "relation orders is missing (42P01) at https://curfew.example.com/requests/7";
    expect(scrub(text)).toBe(text);
  });

  it("holds an error's cause, but nothing that a driver hung on to it", () => {
    const cause = Object.assign(new Error("password authentication failed"), { query: "select hush", parameters: ["hush"] });
    const logged = loggedError(Object.assign(new Error("not reachable", { cause }), { code: "ECONNREFUSED", token: "hush" }));
    expect(logged).toMatchObject({ type: "Error", code: "ECONNREFUSED", cause: { message: "password authentication failed" } });
    expect(JSON.stringify(logged)).not.toContain("hush");
  });

  it("loses known secret fields of any logged object", async () => {
    const { redactedPaths } = await import("@/lib/platform/logger");
    let written = "";
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    });
    const log = pino({ redact: { paths: [...redactedPaths], censor: "[redacted]" } }, sink);
    log.info({ token: "hush", request: { cookie: "hush", headers: { authorization: "hush", "set-cookie": "hush" } }, order: { verifier: "hush" }, fine: "seen" });
    expect(written).not.toContain("hush");
    expect(written).toContain("seen");
  });
});
