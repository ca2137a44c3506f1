import { describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { AppError } from "@/lib/platform/errors";
import { createRoute, type WorkloadAnswer } from "@/lib/platform/route";
import { stubEnvironment } from "@/lib/platform/test-environment";

stubEnvironment();

const origin = "https://curfew.example.com:8443";
type Person = { id: string; may: boolean };

function build(changes: { person?: Person | null; workload?: WorkloadAnswer<{ id: string }> } = {}) {
  return createRoute<Person, { id: string }, "thing:do">({
    origin: () => origin,
    person: () => Promise.resolve(changes.person === undefined ? { id: "p1", may: true } : changes.person),
    workload: () => Promise.resolve(changes.workload ?? { ok: true, value: { id: "w1" } }),
    may: (person) => person.may,
    idOf: ({ id }) => id,
  });
}

const run = () => Promise.resolve(Response.json({ done: true }));
const nowhere = { params: Promise.resolve({}) };

function ask(method = "GET", headers: Record<string, string> = {}, body?: BodyInit): Request {
  const streams = body instanceof ReadableStream ? { duplex: "half" } : {};
  return new Request(`${origin}/api/thing?q=1`, {
    method,
    headers: { host: "curfew.example.com:8443", ...headers },
    ...(body === undefined ? {} : { body }),
    ...streams,
  });
}

const json = { "content-type": "application/json", origin };

async function problem(response: Response) {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({ status: response.status, type: `urn:curfew:problem:${String(body["code"])}` });
  expect(body["correlationId"]).toBe(response.headers.get("x-correlation-id"));
  return body;
}

describe("a route", () => {
  const read = build()({ name: "thing.read", auth: "session", permission: "thing:do", run });

  it("answers with headers that keep the answer out of caches and browsers' guesses", async () => {
    const response = await read(ask(), nowhere);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it.each(["evil.example", "curfew.example.com", "curfew.example.com:80", "curfew.example.com:8443.evil.example", "localhost:8443", "127.0.0.1:8443", ""])(
    "does not answer for host %j",
    async (host) => {
      expect(await problem(await read(ask("GET", { host }), nowhere))).toMatchObject({ status: 421, code: "host-refused" });
    },
  );

  it("answers on loopback addresses where it says so, and still not for names", async () => {
    const health = build()({ name: "health", auth: "public", alsoLoopbackHost: true, run });
    for (const host of ["127.0.0.1:3000", "localhost", "[::1]:8080"]) expect((await health(ask("GET", { host }), nowhere)).status).toBe(200);
    for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost:3000.evil.example", "127.0.0.1:x"]) {
      expect((await health(ask("GET", { host }), nowhere)).status).toBe(421);
    }
  });

  it("asks who is there before it looks at anything", async () => {
    const spy = vi.fn(run);
    const write = build({ person: null })({ name: "thing.do", auth: "session", permission: "thing:do", input: z.object({}), run: spy });
    expect(await problem(await write(ask("POST", json, "not json"), nowhere))).toMatchObject({ status: 401, code: "signed-out" });
    expect(spy).not.toHaveBeenCalled();
  });

  it("refuses who lacks the permission, without a word about the input", async () => {
    const write = build({ person: { id: "p2", may: false } })({ name: "thing.do", auth: "session", permission: "thing:do", input: z.object({ a: z.string() }), run });
    const body = await problem(await write(ask("POST", json, "{}"), nowhere));
    expect(body).toMatchObject({ status: 403, code: "no-permission" });
    expect(body).not.toHaveProperty("errors");
  });
});

describe("a route that changes something for a person", () => {
  const write = build()({ name: "thing.do", auth: "session", permission: "thing:do", input: z.object({ a: z.string() }), run });

  it.each([
    undefined,
    "null",
    "https://evil.example",
    "https://curfew.example.com",
    "https://curfew.example.com:8444",
    "http://curfew.example.com:8443",
    "https://curfew.example.com:8443/",
  ])("refuses origin %j", async (from) => {
    const headers = { "content-type": "application/json", ...(from === undefined ? {} : { origin: from }) };
    expect(await problem(await write(ask("POST", headers, '{"a":"b"}'), nowhere))).toMatchObject({ status: 403, code: "origin-refused" });
  });

  it.each(["POST", "PUT", "PATCH", "DELETE"])("compares origins for %s", async (method) => {
    expect((await write(ask(method, { "content-type": "application/json" }, "{}"), nowhere)).status).toBe(403);
  });

  it("takes JSON and plain forms from its own pages", async () => {
    expect((await write(ask("POST", json, '{"a":"b"}'), nowhere)).status).toBe(200);
    const form = { "content-type": "application/x-www-form-urlencoded", origin };
    expect((await write(ask("POST", form, "a=b"), nowhere)).status).toBe(200);
  });

  it.each<[string, string, string, number, string]>([
    ["no JSON", "application/json", "{", 400, "bad-request"],
    ["a wrong shape", "application/json", '{"a":1}', 400, "input-wrong"],
    ["null", "application/json", "null", 400, "input-wrong"],
    ["NUL", "application/json", '{"a":"\\u0000"}', 400, "input-wrong"],
    ["half a surrogate pair", "application/json", '{"a":"\\ud800"}', 400, "input-wrong"],
    ["a text that is too long", "application/json", JSON.stringify({ a: "x".repeat(10_001) }), 400, "input-wrong"],
    ["a form with NUL", "application/x-www-form-urlencoded", "a=%00", 400, "input-wrong"],
    ["a body that is too large", "application/json", JSON.stringify({ a: "x".repeat(70_000) }), 413, "too-large"],
    ["another content type", "text/plain", '{"a":"b"}', 415, "media-type"],
    ["no content type", "", '{"a":"b"}', 415, "media-type"],
  ])("refuses %s", async (_, type, body, status, code) => {
    const response = await write(ask("POST", { origin, "content-type": type }, body), nowhere);
    expect(await problem(response)).toMatchObject({ status, code });
  });

  it("refuses nesting without end", async () => {
    const body = `${'{"a":'.repeat(3_000)}1${"}".repeat(3_000)}`;
    expect((await write(ask("POST", json, body), nowhere)).status).toBe(400);
  });

  it("refuses bytes that are not UTF-8", async () => {
    const body = new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]);
    expect((await write(ask("POST", json, body), nowhere)).status).toBe(400);
  });

  it("counts what arrives, whatever was announced, and stops reading", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 16_384;
        controller.enqueue(new Uint8Array(16_384).fill(32));
      },
    });
    const response = await write(ask("POST", { ...json, "content-length": "10" }, endless), nowhere);
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(200_000);
  });

  it("says where the input is wrong", async () => {
    const body = await problem(await write(ask("POST", json, '{"a":7}'), nowhere));
    expect(body).toMatchObject({ errors: [{ field: "a", message: expect.stringContaining("string") as string }] });
  });
});

describe("a route for workloads", () => {
  it("knows its workload and needs no origin: no browser sends a bearer token by itself", async () => {
    const write = build()({ name: "job.do", auth: "workload", run: ({ actor }) => Promise.resolve(Response.json(actor)) });
    expect(await (await write(ask("POST"), nowhere)).json()).toEqual({ id: "w1" });
  });

  it("says why a token was refused", async () => {
    const write = build({ workload: { ok: false, status: 401, code: "token-expired" } })({ name: "job.do", auth: "workload", run });
    const response = await write(ask("POST"), nowhere);
    expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token", error_description="token-expired"');
    expect(await problem(response)).toMatchObject({ status: 401, code: "token-refused", detail: "token-expired" });
  });

  it("says why an identity was refused", async () => {
    const write = build({ workload: { ok: false, status: 403, code: "identity-suspended" } })({ name: "job.do", auth: "workload", run });
    expect(await problem(await write(ask("POST"), nowhere))).toMatchObject({ status: 403, detail: "identity-suspended" });
  });
});

describe("a route with tokens of its own", () => {
  const bearer = (answer: unknown) =>
    build()({ name: "thing.do", auth: "bearer", authenticate: () => Promise.resolve(answer as { ok: true; value: { id: string } }), run: ({ actor }) => Promise.resolve(Response.json(actor)) });

  it("knows the token's holder, asks no workload, and needs no origin", async () => {
    expect(await (await bearer({ ok: true, value: { id: "t1", name: "Entra ID" } })(ask("POST"), nowhere)).json()).toEqual({ id: "t1", name: "Entra ID" });
  });

  it("says why a token was refused, or that it calls too often", async () => {
    const refused = await bearer({ ok: false, status: 401, code: "token-unknown" })(ask("POST"), nowhere);
    expect(refused.headers.get("www-authenticate")).toContain("token-unknown");
    expect(refused.status).toBe(401);
    const often = await bearer({ ok: false, status: 429, code: "too-many-calls" })(ask("POST"), nowhere);
    expect([often.status, often.headers.get("retry-after")]).toEqual([429, "1"]);
  });

  it("takes a media type of its protocol and gives problems the shape that it wants", async () => {
    const input = z.object({ a: z.string() });
    const write = build()({
      name: "thing.do", auth: "public", changesNothing: true, input, jsonTypes: ["application/scim+json"],
      reshape: (problem) => Promise.resolve(new Response("shaped", { status: problem.status })), run: ({ input: { a } }) => Promise.resolve(Response.json(a)),
    });
    const scim = { "content-type": "application/scim+json" };
    expect(await (await write(ask("POST", scim, '{"a":"x"}'), nowhere)).json()).toBe("x");
    expect(await (await write(ask("POST", scim, '{"a":7}'), nowhere)).text()).toBe("shaped");
    expect((await write(ask("POST", { "content-type": "text/plain" }, "x"), nowhere)).status).toBe(415);
  });
});

describe("what goes wrong in a route", () => {
  it.each<[string, unknown, number, string]>([
    ["a fault", new AppError("database", "duplicate key value (email)=(rita@example.com)"), 500, "fault"],
    ["any error", new TypeError("rita@example.com is not a function"), 500, "fault"],
    ["something that is no error", "rita@example.com", 500, "fault"],
    ["not found", new AppError("not-found", "request of rita@example.com"), 404, "not-found"],
    ["Next's notFound()", Object.assign(new Error("x"), { digest: "NEXT_HTTP_ERROR_FALLBACK;404" }), 404, "not-found"],
    ["unavailable", new AppError("unavailable", "rita@example.com"), 503, "unavailable"],
    ["the policy engine", new AppError("policy-engine", "rita@example.com"), 503, "unavailable"],
  ])("leaves as a problem document without its message: %s", async (_, error, status, code) => {
    const broken = build()({ name: "thing.break", auth: "public", run: () => Promise.reject(error) });
    const response = await broken(ask(), nowhere);
    const body = await problem(response);
    expect(body).toMatchObject({ status, code });
    expect(JSON.stringify(body)).not.toContain("rita");
  });

  it("treats a foreign or malformed id as not found", async () => {
    const one = build()({ name: "thing.read", auth: "public", params: z.object({ id: z.uuid() }), run });
    expect((await one(ask(), { params: Promise.resolve({ id: "1' or '1'='1" }) })).status).toBe(404);
  });

  it("refuses a wrong query", async () => {
    const list = build()({ name: "thing.list", auth: "public", query: z.object({ q: z.enum(["a"]) }), run });
    expect(await problem(await list(ask(), nowhere))).toMatchObject({ status: 400, errors: [{ field: "q" }] });
  });
});
