import { describe, expect, it } from "vitest";
import type { ConnectorDeps } from "./contract";
import { ConnectorError } from "./errors";
import { connectorOf, connectors, openSystem } from "./registry";

const deps: ConnectorDeps = { installationId: "0123abcd", now: () => new Date(), sleep: () => Promise.resolve() };
const config = { host: "127.0.0.1", port: 1, sslmode: "disable" };
const secrets = { connector: { user: "curfew", password: "the-password" }, probe: { user: "looker", password: "other-password" } };
const never = new AbortController().signal;

function failureOf(work: () => unknown): ConnectorError {
  try {
    work();
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new ConnectorError("unexpected", "it did not fail", { transient: false });
}

describe("the registry", () => {
  it("has each kind once, with a version", () => {
    const kinds = connectors.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
    for (const kind of kinds) expect(kind).toMatch(/^[a-z-]+@\d+$/);
  });

  it("refuses a kind that it does not have", () => {
    for (const kind of ["postgres", "postgres@2", "", "constructor"]) {
      expect(failureOf(() => connectorOf(kind))).toMatchObject({ code: "unexpected", transient: false });
    }
  });

  it.each([
    ["no host", { ...config, host: "" }],
    ["a host that is a URL", { ...config, host: "http://x/" }],
    ["a port beyond the last", { ...config, port: 70_000 }],
    ["a port that is text", { ...config, port: "5432" }],
    ["an unknown field", { ...config, passwort: "x" }],
    ["a name that PostgreSQL would cut", { ...config, database: "ä".repeat(32) }],
    ["a name with NUL", { ...config, atticRole: "a\0b" }],
    ["nothing", null],
  ])("refuses a configuration with %s", (_, wrong) => {
    expect(failureOf(() => openSystem({ kind: "postgres@1", config: wrong, secrets, deps }))).toMatchObject({ code: "unexpected", transient: false });
  });

  it("never repeats a secret when secrets are malformed", () => {
    const wrong = { connector: { user: "curfew", password: ["the-password"] }, probe: "other-password" };
    const error = failureOf(() => openSystem({ kind: "postgres@1", config, secrets: wrong, deps }));
    expect(error.message).toContain("connector.password");
    expect(error.message).not.toMatch(/the-password|other-password/);
  });

  it("refuses a probe that is the connector's own account: it would prove its own work", () => {
    const same = { ...secrets, probe: { user: "curfew", password: "other-password" } };
    expect(failureOf(() => openSystem({ kind: "postgres@1", config, secrets: same, deps })).message).toContain("account of its own");
  });

  it("offers no proof where there is no second account", () => {
    const session = openSystem({ kind: "postgres@1", config, secrets: { ...secrets, probe: null }, deps });
    expect(session.probe).toBeUndefined();
    expect(session.probeMany).toBeUndefined();
    expect(openSystem({ kind: "postgres@1", config, secrets, deps }).probe).toBeDefined();
  });

  it("checks a target at the border, before it connects", async () => {
    const session = openSystem({ kind: "postgres@1", config, secrets, deps });
    const order = {
      grantId: "0190d0a0-0000-7000-8000-000000000000",
      notAfter: new Date(),
      verifier: "",
      maxConnections: 1,
      deadline: new Date(Date.now() + 1_000),
    };
    for (const target of [null, "app_rw", {}, { groupRole: "" }, { groupRole: "x", extra: 1 }, { groupRole: ["x"] }]) {
      const wrong = { code: "wrong-target", transient: false };
      await expect(session.grant({ ...order, target }, never)).rejects.toMatchObject(wrong);
      await expect(session.describe?.(target, never)).rejects.toMatchObject(wrong);
      await expect(session.holders?.(target, never)).rejects.toMatchObject(wrong);
    }
  });
});
