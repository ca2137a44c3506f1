import path from "node:path";
import {
  expectedOf,
  isDatabaseUrl,
  isValid,
  readEnvironment,
  type EnvironmentProblem,
} from "../../lib/platform/env";

type Source = Readonly<Record<string, string | undefined>>;

/** What is to be started: the whole demo, or Curfew alone on an installation's own parts. */
export type StartPlan = {
  readonly mode: "demo" | "real";
  readonly port: number;
  readonly url: string;
  readonly dataDir: string;
  readonly distDir: string;
};

export type PlanReading =
  | { readonly ok: true; readonly plan: StartPlan }
  | { readonly ok: false; readonly problems: readonly EnvironmentProblem[] };

/** Set together or not at all: half a real installation would mix the demo's data with real ones. */
const realParts = [
  "DATABASE_URL",
  "CURFEW_MIGRATE_URL",
  "OIDC_ISSUER",
  "OIDC_CLIENT_ID",
  "OIDC_CLIENT_SECRET",
  "CURFEW_SECRET_KEY",
] as const;

const migrateUrlExpected = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE of the role that owns the schemas, another one than in DATABASE_URL";

/** Decides between demo and real parts and validates everything that the start will need. Lists every problem. */
export function planStart(source: Source): PlanReading {
  const given = realParts.filter((name) => source[name]);
  return given.length === 0 ? planDemo(source) : planReal(source, given);
}

function planDemo(source: Source): PlanReading {
  const names = ["PORT", "CURFEW_DATA_DIR", "CURFEW_LOG_LEVEL", "CURFEW_DEMO", "CURFEW_CRASH_AT"] as const;
  const problems: EnvironmentProblem[] = names
    .filter((name) => !isValid(name, source[name]))
    .map((name) => ({ name, expected: expectedOf(name) }));
  const url = `http://localhost:${source["PORT"] || 3000}`;
  if (source["CURFEW_URL"] && source["CURFEW_URL"].replace(/\/$/, "") !== url) {
    problems.push({ name: "CURFEW_URL", expected: `unset in the demo, which is at ${url} (PORT moves it)` });
  }
  return finish(source, "demo", url, problems);
}

function planReal(source: Source, given: readonly string[]): PlanReading {
  const reading = readEnvironment(source);
  const problems = reading.ok ? [] : [...reading.problems];
  const migrateUrl = source["CURFEW_MIGRATE_URL"];
  if (!migrateUrl || !isDatabaseUrl(migrateUrl)) problems.push({ name: "CURFEW_MIGRATE_URL", expected: migrateUrlExpected });
  if (source["CURFEW_DEMO"]) problems.push({ name: "CURFEW_DEMO", expected: "unset with real parts" });
  const reason = `; needed because ${given.join(", ")} ${given.length === 1 ? "is" : "are"} set (all real parts or none)`;
  const explained = problems.map(({ name, expected }) =>
    (realParts as readonly string[]).includes(name) && !source[name] ? { name, expected: expected + reason } : { name, expected },
  );
  return finish(source, "real", reading.ok ? reading.value.url : "", explained);
}

function finish(source: Source, mode: StartPlan["mode"], url: string, problems: readonly EnvironmentProblem[]): PlanReading {
  const distDir = source["CURFEW_DIST_DIR"] || ".next";
  const all = [...problems];
  if (!/^\.next[\w-]*$/.test(distDir)) {
    all.push({ name: "CURFEW_DIST_DIR", expected: "unset, or the name of a build folder such as .next-test" });
  }
  if (all.length > 0) return { ok: false, problems: all };
  const port = Number(source["PORT"] || 3000);
  return { ok: true, plan: { mode, port, url, dataDir: path.resolve(source["CURFEW_DATA_DIR"] || ".data"), distDir } };
}

/** All problems as the text that the start ends with. */
export function describeProblems(problems: readonly EnvironmentProblem[]): string {
  const lines = problems.map(({ name, expected }) => `  ${name}\n    expected: ${expected}`);
  return `The configuration is not complete. Nothing was started.\n${lines.join("\n")}`;
}
