import path from "node:path";
import { describe, expect, it } from "vitest";
import { describeProblems, planStart } from "./environment";

const real = {
  DATABASE_URL: "postgresql://app:pw@db/curfew",
  CURFEW_MIGRATE_URL: "postgresql://owner:pw@db/curfew",
  OIDC_ISSUER: "https://login.example.com",
  OIDC_CLIENT_ID: "curfew",
  OIDC_CLIENT_SECRET: "s",
  CURFEW_SECRET_KEY: Buffer.alloc(32).toString("base64"),
  CURFEW_URL: "https://curfew.example.com",
};

function problemsOf(source: Record<string, string | undefined>): string[] {
  const reading = planStart(source);
  return reading.ok ? [] : reading.problems.map((problem) => problem.name);
}

describe("planStart", () => {
  it("plans the demo when nothing is set", () => {
    expect(planStart({})).toEqual({
      ok: true,
      plan: { mode: "demo", port: 3000, url: "http://localhost:3000", dataDir: path.resolve(".data"), distDir: ".next" },
    });
  });

  it("plans the demo on another port, with its data elsewhere", () => {
    expect(planStart({ PORT: "4000", CURFEW_DATA_DIR: "/tmp/x y" })).toMatchObject({
      plan: { mode: "demo", url: "http://localhost:4000", dataDir: "/tmp/x y" },
    });
  });

  it("uses real parts when all are set", () => {
    expect(planStart(real)).toMatchObject({ ok: true, plan: { mode: "real", url: "https://curfew.example.com" } });
  });

  it.each(Object.keys(real).filter((name) => name !== "CURFEW_URL"))("names %s when it alone is missing", (name) => {
    expect(problemsOf({ ...real, [name]: undefined })).toEqual([name]);
  });

  it("says why a missing part is needed", () => {
    const reading = planStart({ OIDC_ISSUER: real.OIDC_ISSUER });
    const text = reading.ok ? "" : describeProblems(reading.problems);
    expect(text).toContain("DATABASE_URL\n    expected: postgresql://");
    expect(text).toContain("needed because OIDC_ISSUER is set (all real parts or none)");
  });

  it.each<[string, Record<string, string>, string[]]>([
    ["a port that is none", { PORT: "web" }, ["PORT"]],
    ["two problems at once", { PORT: "0", CURFEW_LOG_LEVEL: "x" }, ["PORT", "CURFEW_LOG_LEVEL"]],
    ["a public address for the demo", { CURFEW_URL: "https://curfew.example.com" }, ["CURFEW_URL"]],
    ["the demo's own address", { CURFEW_URL: "http://localhost:3000/" }, []],
    ["a build folder outside", { CURFEW_DIST_DIR: "../x" }, ["CURFEW_DIST_DIR"]],
    ["the demo switch with real parts", { ...real, CURFEW_URL: "", CURFEW_DEMO: "1" }, ["CURFEW_DEMO"]],
    ["a wrong owner address", { ...real, CURFEW_MIGRATE_URL: "mysql://x" }, ["CURFEW_MIGRATE_URL"]],
  ])("judges %s", (_, source, names) => {
    expect(problemsOf(source)).toEqual(names);
  });
});
