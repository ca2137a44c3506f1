import { createHash } from "node:crypto";
import { createWriteStream, existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { SetupProblem } from "../system/problem";
import { run } from "../system/processes";

export type BuildPlace = {
  readonly root: string;
  readonly distDir: string;
  readonly logFile: string;
  readonly signal?: AbortSignal;
};

/** What the production build is made from. A folder is taken whole, without tests and generated files. */
const sources = [
  "app",
  "components",
  "lib",
  "public",
  "prisma/schema",
  "instrumentation.ts",
  "instrumentation-client.ts",
  "proxy.ts",
  "next.config.js",
  "postcss.config.cjs",
  "postcss.config.mjs",
  "package-lock.json",
  "tsconfig.json",
];

/** Content hash of files and folders below `root`; what does not exist counts as empty. */
export async function hashSources(root: string, names: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(process.version);
  for (const name of names) {
    for (const file of await filesBelow(root, name)) {
      hash.update(`\0${file}\0`).update(await readFile(path.join(root, file)));
    }
  }
  return hash.digest("hex");
}

async function filesBelow(root: string, name: string): Promise<string[]> {
  const full = path.join(root, name);
  if (!existsSync(full)) return [];
  const entries = await readdir(full, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOTDIR") return null;
    throw error;
  });
  if (entries === null) return [name];
  const nested = entries
    .filter((entry) => entry.name !== "generated" && !entry.name.includes(".test.") && !entry.name.startsWith("."))
    .map((entry) => filesBelow(root, path.join(name, entry.name)));
  return (await Promise.all(nested)).flat().toSorted();
}

/** Generates the Prisma client when the schema has changed. */
export async function ensureClient(root: string, logFile: string): Promise<void> {
  const stamp = path.join(root, "lib/db/generated/.made-from");
  const wanted = await hashSources(root, ["prisma/schema", "prisma.config.ts", "node_modules/prisma/package.json"]);
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return;
  const code = path.join(root, "node_modules/prisma/build/index.js");
  // Any existing file keeps Prisma from downloading an engine that is not used.
  const extra = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1" };
  await runLogged({ root, args: [code, "generate"], logFile, complaint: "The Prisma client could not be generated", extra });
  await writeFile(stamp, wanted);
}

/** True when the build folder holds the build of exactly these sources. */
export async function isBuilt({ root, distDir }: BuildPlace): Promise<boolean> {
  const stamp = await readFile(path.join(root, distDir, "made-from"), "utf8").catch(() => "");
  return stamp !== "" && stamp === (await hashSources(root, sources));
}

/** Makes the production build. */
export async function build({ root, distDir, logFile, signal }: BuildPlace): Promise<void> {
  const wanted = await hashSources(root, sources);
  const stamp = path.join(root, distDir, "made-from");
  await rm(stamp, { force: true });
  const code = path.join(root, "node_modules/next/dist/bin/next");
  const extra = { NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1", CURFEW_DIST_DIR: distDir };
  await runLogged({ root, args: [code, "build"], logFile, complaint: "The web app could not be built", extra, signal });
  await writeFile(stamp, wanted);
}

type LoggedRun = {
  readonly root: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly complaint: string;
  readonly extra: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

async function runLogged({ root, args, logFile, complaint, extra, signal }: LoggedRun): Promise<void> {
  const log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
  const env = { ...withoutSecrets(process.env), ...extra };
  const { code, output } = await run(process.execPath, args, {
    cwd: root,
    env,
    timeout: 900_000,
    ...(signal ? { signal } : {}),
    onOutput: (chunk) => log.write(chunk),
  });
  log.end();
  if (code !== 0) throw new SetupProblem(`${complaint} (whole log: ${logFile}):\n${output.trim().slice(-3_000)}`);
}

/** A build needs no configuration, and what it does not get it cannot write into a bundle. */
function withoutSecrets(env: NodeJS.ProcessEnv): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(DATABASE_URL|CURFEW_|OIDC_|NEXTAUTH_|PG)/.test(name)),
  );
}
