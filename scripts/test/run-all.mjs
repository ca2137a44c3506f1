import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { root } from "../install.mjs";

/** The tests build into a folder of their own, so that a running demo keeps its build. */
const environment = {
  ...process.env,
  CURFEW_DIST_DIR: ".next-test",
  NEXT_TELEMETRY_DISABLED: "1",
  // Any existing file keeps Prisma from downloading an engine that is not used.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: "1",
};

const bin = (name, file) => path.join(root, "node_modules", name, file);
const next = bin("next", "dist/bin/next");
const vitest = bin("vitest", "vitest.mjs");

/** Tests that wait for a database or for nothing: two files at a time also where there are but two cores. */
const sideBySide = new Set(["unit", "db"]);
const workers = `--maxWorkers=${Math.max(2, os.availableParallelism() - 1)}`;
/** Characters kept of what a failure says. */
const longest = 1_500;

const generate = { name: "Prisma client", args: [bin("prisma", "build/index.js"), "generate"] };
const checks = [
  { name: "route types", args: [next, "typegen"] },
  { name: "types", args: [bin("typescript", "bin/tsc"), "--noEmit", "--project", "tsconfig.check.json"] },
  { name: "structure", args: ["scripts/check-structure.mjs"] },
  {
    name: "boundaries",
    args: [bin("dependency-cruiser", "bin/dependency-cruise.mjs"), "--config", ".dependency-cruiser.cjs", "app", "components", "lib"],
  },
  { name: "unused code", args: [bin("knip", "bin/knip.js"), "--no-progress"] },
];
const lint = (fast) => ({
  name: "lint",
  args: [
    bin("eslint", "bin/eslint.js"),
    "--max-warnings=0",
    // The fast part may trust the files that have not changed; the whole looks at all of them.
    ...(fast ? ["--cache", "--cache-strategy=content", "--cache-location=node_modules/.cache/eslint/"] : []),
    ".",
  ],
});

/** Runs the checks and the test runners one after the other and prints the sum. Answers the exit code. */
export async function runAll({ fast }) {
  const reports = mkdtempSync(path.join(os.tmpdir(), "curfew-reports-"));
  const sum = { passed: 0, failed: 0, failures: [] };
  const count = ({ passed, failed, failures }) => {
    sum.passed += passed;
    sum.failed += failed;
    sum.failures.push(...failures);
  };
  try {
    count(await runStep(generate));
    // The linter alone takes about as long as the other checks together.
    const [linted, checked] = await Promise.all([runStep(lint(fast)), inTurn(checks, runStep)]);
    [linted, ...checked].forEach(count);
    for (const project of fast ? ["unit"] : ["unit", "db", "connector", "system"]) {
      count(await runVitest(project, reports));
    }
    if (!fast) {
      // `scripts/tickets/servers.mjs` starts them where they are installed, and hands their addresses on.
      if (environment.CURFEW_TEST_REDMINE_URL || environment.CURFEW_TEST_RT_URL) count(await runVitest("tickets", reports));
      else console.log("\n— tickets tests skipped: no Redmine and no Request Tracker runs (npm run test:tickets)");
      const built = await runStep({ name: "production build", args: ["--conditions=react-server", "--import", "tsx", "scripts/test/build.ts"] });
      count(built);
      if (built.failed === 0) count(await runPlaywright(reports));
    }
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
  // Of a long run often only the end is kept.
  if (sum.failures.length > 0) console.log(`\nWhat failed:\n${sum.failures.join("\n")}`);
  console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
}

async function inTurn(steps, run) {
  const answers = [];
  for (const step of steps) answers.push(await run(step));
  return answers;
}

/** A check that knows only right and wrong: counts as one. */
async function runStep({ name, args }) {
  const started = Date.now();
  const { code, output } = await run(args, "pipe");
  const took = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  if (code === 0) {
    console.log(`✓ ${name.padEnd(20)} ${took}`);
    return { passed: 1, failed: 0, failures: [] };
  }
  console.log(`\n✗ ${name.padEnd(20)} ${took}\n${output.trim()}\n`);
  return { passed: 0, failed: 1, failures: [`✗ ${name}\n${output.trim().slice(-longest)}`] };
}

async function runVitest(project, reports) {
  const file = path.join(reports, `${project}.json`);
  console.log(`\n— ${project} tests`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const { code } = await run([vitest, "run", "--project", project, "--passWithNoTests", ...(sideBySide.has(project) ? [workers] : []), ...reporters], "inherit");
  const report = readReport(file);
  const counts = { passed: report?.numPassedTests ?? 0, failed: report?.numFailedTests ?? 0 };
  return certain(project, code, { ...counts, failures: failuresOfVitest(report) });
}

async function runPlaywright(reports) {
  const file = path.join(reports, "browser.json");
  console.log("\n— browser tests");
  const args = [bin("@playwright/test", "cli.js"), "test", "--pass-with-no-tests"];
  const { code } = await run(args, "inherit", { CURFEW_TEST_REPORT: file });
  const report = readReport(file);
  const counts = { passed: report?.stats.expected ?? 0, failed: (report?.stats.unexpected ?? 0) + (report?.stats.flaky ?? 0) };
  return certain("browser", code, { ...counts, failures: (report?.suites ?? []).flatMap((suite) => failuresOfPlaywright(suite)) });
}

/** A runner that broke before or beside its tests has failed, whatever it counted. */
function certain(name, code, { passed, failed, failures }) {
  if (code === 0 || failed > 0) return { passed, failed, failures };
  return { passed, failed: 1, failures: [...failures, `✗ ${name} tests: ended with ${code} beside its tests`] };
}

function failuresOfVitest(report) {
  return (report?.testResults ?? []).flatMap(({ name, message, status, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === "failed");
    const whole = status === "failed" && failed.length === 0 ? [described(path.relative(root, name), message)] : [];
    return [...whole, ...failed.map((test) => described(`${path.relative(root, name)} › ${test.fullName}`, test.failureMessages.join("\n")))];
  });
}

function failuresOfPlaywright({ suites = [], specs = [] }) {
  const failed = specs.filter(({ ok }) => !ok).map(({ file, title, tests }) => {
    const errors = tests.flatMap(({ results }) => results).flatMap((result) => result.errors ?? []);
    return described(`e2e/${file} › ${title}`, errors.map(({ message }) => message).join("\n"));
  });
  return [...failed, ...suites.flatMap(failuresOfPlaywright)];
}

const described = (name, why) => `✗ ${name}\n${why.slice(0, longest).replaceAll(/^/gm, "    ")}`;

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return null; // the runner ended before it could write
  }
}

function run(args, output, extra = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...environment, ...extra },
      stdio: ["ignore", output, output],
    });
    let text = "";
    child.stdout?.on("data", (chunk) => (text += chunk));
    child.stderr?.on("data", (chunk) => (text += chunk));
    child.on("error", (error) => resolve({ code: 1, output: String(error) }));
    child.on("close", (code) => resolve({ code, output: text }));
  });
}
