import { describe, expect, it } from "vitest";
import { isLoopbackUrl, readEnvironment } from "@/lib/platform/env";

const complete = {
  DATABASE_URL: "postgresql://curfew_app:pw@127.0.0.1:5432/curfew",
  OIDC_ISSUER: "https://login.example.com",
  OIDC_CLIENT_ID: "curfew",
  OIDC_CLIENT_SECRET: "not-a-real-one",
  CURFEW_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
};

function problemsOf(changes: Record<string, string | undefined>): string[] {
  const reading = readEnvironment({ ...complete, ...changes });
  return reading.ok ? [] : reading.problems.map((problem) => problem.name);
}

describe("readEnvironment", () => {
  it("fills in the defaults", () => {
    const reading = readEnvironment(complete);
    expect(reading).toMatchObject({
      ok: true,
      value: { port: 3000, url: "http://localhost:3000", demo: false, workloadIssuers: [], crashAt: null, logLevel: "info" },
    });
    expect(reading.ok && reading.value.secretKey).toHaveLength(32);
    expect(reading.ok && reading.value.dataDir).toMatch(/^\/.*\/\.data$/);
  });

  it("derives the public origin from the port", () => {
    const reading = readEnvironment({ ...complete, PORT: "4100" });
    expect(reading.ok && reading.value.url).toBe("http://localhost:4100");
  });

  it("names everything that is missing at once", () => {
    const reading = readEnvironment({});
    expect(reading.ok ? [] : reading.problems.map((problem) => problem.name)).toEqual([
      "DATABASE_URL",
      "OIDC_ISSUER",
      "OIDC_CLIENT_ID",
      "OIDC_CLIENT_SECRET",
      "CURFEW_SECRET_KEY",
    ]);
  });

  it("counts an empty text as unset", () => {
    expect(problemsOf({ PORT: "", CURFEW_DEMO: "", CURFEW_WORKLOAD_ISSUERS: "" })).toEqual([]);
    expect(problemsOf({ DATABASE_URL: "" })).toEqual(["DATABASE_URL"]);
  });

  it("never repeats a value, which may be a secret", () => {
    const reading = readEnvironment({ ...complete, DATABASE_URL: "mysql://hush", CURFEW_SECRET_KEY: "hush" });
    expect(JSON.stringify(reading)).not.toContain("hush");
  });

  const issuers = (list: unknown) => ({ CURFEW_WORKLOAD_ISSUERS: JSON.stringify(list) });
  const demoIssuer = { issuer: "http://localhost:4000", jwksUri: "http://localhost:4000/jwks", audience: "x" };

  it.each<[string, Record<string, string>, string[]]>([
    ["port 1", { PORT: "1" }, []],
    ["port 65535", { PORT: "65535" }, []],
    ["port 0", { PORT: "0" }, ["PORT"]],
    ["port 65536", { PORT: "65536" }, ["PORT"]],
    ["port in words", { PORT: "http" }, ["PORT"]],
    ["port with a leading zero", { PORT: "080" }, ["PORT"]],
    ["https origin", { CURFEW_URL: "https://curfew.example.com" }, []],
    ["http on loopback", { CURFEW_URL: "http://127.0.0.1:3000" }, []],
    ["http on the network", { CURFEW_URL: "http://curfew.example.com" }, ["CURFEW_URL"]],
    ["origin with a path", { CURFEW_URL: "https://curfew.example.com/app" }, ["CURFEW_URL"]],
    ["origin with a query", { CURFEW_URL: "https://curfew.example.com/?a=b" }, ["CURFEW_URL"]],
    ["origin with credentials", { CURFEW_URL: "https://a:b@curfew.example.com" }, ["CURFEW_URL"]],
    ["origin that only looks like localhost", { CURFEW_URL: "http://localhost.evil.example" }, ["CURFEW_URL"]],
    ["another scheme", { CURFEW_URL: "javascript:alert(1)" }, ["CURFEW_URL"]],
    ["postgres scheme", { DATABASE_URL: "postgres://a@h/d" }, []],
    ["database without user", { DATABASE_URL: "postgresql://h/d" }, ["DATABASE_URL"]],
    ["database without name", { DATABASE_URL: "postgresql://a@h" }, ["DATABASE_URL"]],
    ["plain http issuer", { OIDC_ISSUER: "http://login.example.com" }, ["OIDC_ISSUER"]],
    ["issuer with a path", { OIDC_ISSUER: "https://login.example.com/realms/a" }, []],
    ["key of 31 bytes", { CURFEW_SECRET_KEY: Buffer.alloc(31).toString("base64") }, ["CURFEW_SECRET_KEY"]],
    ["key in hex", { CURFEW_SECRET_KEY: "00".repeat(32) }, ["CURFEW_SECRET_KEY"]],
    ["demo on loopback", { CURFEW_DEMO: "1" }, []],
    ["demo in words", { CURFEW_DEMO: "yes" }, ["CURFEW_DEMO"]],
    ["demo in public", { CURFEW_DEMO: "1", CURFEW_URL: "https://curfew.example.com" }, ["CURFEW_DEMO"]],
    ["workload issuers", issuers([demoIssuer]), []],
    ["workload issuers, no list", issuers(demoIssuer), ["CURFEW_WORKLOAD_ISSUERS"]],
    ["workload issuers, no JSON", { CURFEW_WORKLOAD_ISSUERS: "[" }, ["CURFEW_WORKLOAD_ISSUERS"]],
    ["workload issuer in the clear", issuers([{ ...demoIssuer, jwksUri: "http://h/k" }]), ["CURFEW_WORKLOAD_ISSUERS"]],
    ["workload issuer with a typo", issuers([{ ...demoIssuer, audiance: "x" }]), ["CURFEW_WORKLOAD_ISSUERS"]],
    ["crash point outside tests", { CURFEW_CRASH_AT: "issue.after-grant" }, ["CURFEW_CRASH_AT"]],
    ["crash point in a test", { CURFEW_CRASH_AT: "issue.after-grant", CURFEW_TEST: "1" }, []],
    ["log level", { CURFEW_LOG_LEVEL: "loud" }, ["CURFEW_LOG_LEVEL"]],
  ])("judges %s", (_, changes, names) => {
    expect(problemsOf(changes)).toEqual(names);
  });
});

describe("isLoopbackUrl", () => {
  it.each([
    ["http://localhost:3000", true],
    ["http://127.0.0.1", true],
    ["http://[::1]:3000", true],
    ["http://127.0.0.1.evil.example", false],
    ["https://example.com", false],
    ["nonsense", false],
  ])("%s → %s", (url, answer) => {
    expect(isLoopbackUrl(url)).toBe(answer);
  });
});
