// `npm start` and its kin: plain Node that installs what is missing and hands over to TypeScript.
import { spawn } from "node:child_process";
import path from "node:path";
import { ensureInstalled, requireNode, root } from "./install.mjs";

const programs = {
  start: "scripts/launch/main.ts",
  web: "scripts/launch/alone.ts",
  worker: "scripts/launch/alone.ts",
  migrate: "scripts/launch/alone.ts",
  seed: "scripts/launch/alone.ts",
  migration: "scripts/schema/new-migration.ts",
  apply: "scripts/launch/alone.ts",
  "demo:job": "scripts/demo/job.ts",
};

requireNode();
// Whatever we write may hold secrets.
process.umask(0o077);
ensureInstalled();

const [first = "start"] = process.argv.slice(2);
const name = Object.hasOwn(programs, first) ? first : "start";
const child = spawn(
  process.execPath,
  ["--conditions=react-server", "--import", "tsx", path.join(root, programs[name]), ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
