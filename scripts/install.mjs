// Plain Node without dependencies: runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, whatever the current folder is. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const oldestNode = [20, 19];

/** Ends with one clear line when this Node.js is too old, or the system is one that nobody has tried. */
export function requireNode(version = process.versions.node) {
  if (process.platform === "win32") {
    console.error("Curfew runs on Linux and macOS. On Windows, start it inside WSL.");
    process.exit(1);
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor, wantedMinor] = oldestNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(`Curfew needs Node.js ${oldestNode.join(".")} or newer; this is ${version}. See https://nodejs.org/`);
  process.exit(1);
}

/** Changes whenever another set of packages would be installed. */
function fingerprint() {
  const { dependencies, devDependencies, overrides } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return createHash("sha256")
    .update(JSON.stringify([dependencies, devDependencies, overrides, process.platform, process.arch]))
    .update(readFileSync(path.join(root, "package-lock.json")))
    .digest("hex");
}

/**
 * Installs the locked packages when they are missing or the lock has changed. `npm ci` is of no use here: it refuses a
 * lock without the binaries of other platforms, which npm cannot resolve on this one.
 */
export function ensureInstalled() {
  const stamp = path.join(root, "node_modules", ".curfew-installed");
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("  … Installing packages (the first time takes a minute or two)");
  const started = Date.now();
  const { code, output } = runNpm();
  if (code !== 0) {
    console.error(output.trim());
    console.error("npm could not install Curfew's packages; its own message is above.");
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  console.log(`  ✓ Packages installed ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function runNpm() {
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  // No package here needs its install script: Prisma's would download engines that are not used, and the libraries'
  // short names of the embedded PostgreSQL are made at start. The build needs development packages too.
  args.push("--ignore-scripts", "--include=dev");
  const npm = process.env.npm_execpath;
  const [command, before] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
  const result = spawnSync(command, [...before, ...args], { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  return { code: result.status, output: `${result.stdout ?? ""}${result.stderr ?? ""}${result.error?.message ?? ""}` };
}
