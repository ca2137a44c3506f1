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
// Packages are installed with the usual permissions: PostgreSQL's own account must be able to run its programs.
ensureInstalled();
// Whatever is written from here on may hold secrets.
process.umask(0o077);

const [first = "--"] = process.argv.slice(2);
const name = first.startsWith("--") ? "start" : first;
if (!Object.hasOwn(programs, name)) {
  console.error(`Expected nothing, --dev, or one of ${Object.keys(programs).join(", ")}; got "${name}".`);
  process.exit(1);
}
const child = spawn(
  process.execPath,
  ["--conditions=react-server", "--import", "tsx", path.join(root, programs[name]), ...process.argv.slice(2)],
  { cwd: root, stdio: "inherit" },
);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// npm starts us through a shell, which a signal to npm ends without us hearing of it.
const parent = process.ppid;
const underNpm = process.env.npm_lifecycle_event !== undefined;
if (underNpm) setInterval(() => process.ppid !== parent && child.kill("SIGTERM"), 1_000).unref();
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
