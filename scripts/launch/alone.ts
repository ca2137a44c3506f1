import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { migrate } from "../../lib/db/migrate";
import { readEnvironment } from "../../lib/platform/env";
import { build, ensureClient, isBuilt } from "./build";
import { describeProblems } from "./environment";
import { describeFailure, SetupProblem } from "../system/problem";
import { typescriptFlags, webArguments } from "./programs";
import { say } from "./terminal";
import { writeSingleFile } from "../verify/single-file.mjs";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** One process of an installation, or one task on its database, by itself. */
const tasks: Readonly<Record<string, (env: NodeJS.ProcessEnv) => Promise<number>>> = {
  web: runWeb,
  worker: (env) => runChild([...typescriptFlags, path.join(root, "lib/worker/main.ts")], withoutOwner(env)),
  seed: (env) => runChild([...typescriptFlags, path.join(root, "prisma/seed.ts")], withoutOwner(env)),
  apply: (env) => runChild([...typescriptFlags, path.join(root, "scripts/apply/main.ts"), ...process.argv.slice(2)], withoutOwner(env)),
  migrate: runMigrate,
};

async function runWeb(env: NodeJS.ProcessEnv): Promise<number> {
  const distDir = env["CURFEW_DIST_DIR"] || ".next";
  const place = { root, distDir, logFile: await buildLog(env) };
  if (!(await isBuilt(place))) {
    say("Building the web app…");
    await build(place);
  }
  const url = env["CURFEW_URL"] || `http://localhost:${env["PORT"] || 3000}`;
  return runChild(webArguments(root, env["PORT"] || "3000", false), { ...withoutOwner(env), NEXTAUTH_URL: url });
}

async function runMigrate(env: NodeJS.ProcessEnv): Promise<number> {
  const ownerUrl = env["CURFEW_MIGRATE_URL"];
  if (!ownerUrl) throw new SetupProblem("CURFEW_MIGRATE_URL: expected postgresql://… of the role that owns the schemas.");
  const applied = await migrate({ ownerUrl, appUrl: env["DATABASE_URL"] ?? "" });
  say(applied.length === 0 ? "The database was up to date." : `Applied: ${applied.join(", ")}`);
  return 0;
}

function withoutOwner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, CURFEW_MIGRATE_URL: undefined, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" };
}

function runChild(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...args], { cwd: root, env, stdio: "inherit" });
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
    child.on("exit", (code, signal) => resolve(code ?? (signal ? 1 : 0)));
  });
}

async function buildLog(env: NodeJS.ProcessEnv): Promise<string> {
  const folder = path.join(path.resolve(env["CURFEW_DATA_DIR"] || ".data"), "logs");
  await mkdir(folder, { recursive: true });
  return path.join(folder, "build.log");
}

/** Without a configuration of its own, a task works on this folder's demo, whose start wrote down where it is. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  const file = path.join(path.resolve(process.env["CURFEW_DATA_DIR"] || ".data"), "secrets", "demo.json");
  if (process.env["DATABASE_URL"] || !existsSync(file)) return process.env;
  const demo = JSON.parse(await readFile(file, "utf8")) as Record<string, string>;
  return { ...process.env, ...demo };
}

async function main(): Promise<number> {
  const task = tasks[process.argv[2] ?? ""];
  if (!task) throw new SetupProblem(`Expected one of ${Object.keys(tasks).join(", ")}.`);
  const env = await environment();
  const reading = readEnvironment(env);
  if (!reading.ok) {
    console.error(describeProblems(reading.problems));
    return 1;
  }
  await ensureClient(root, await buildLog(env));
  writeSingleFile();
  return task(env);
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(describeFailure(error));
    return 1;
  }),
);
