import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdtemp, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort, isPortFree } from "../system/ports";
import { SetupProblem } from "../system/problem";
import { endProcess, isAlive, run, waitForExit } from "../system/processes";
import { databaseAccount, type Account } from "./account";
import { dataVersion, embeddedBinaries, type Binaries } from "./binaries";
import { makeFolderBelow, placeFor } from "./place";
import { readPostmaster, type Postmaster } from "./postmaster";

export type ClusterOptions = {
  /** Holds the superuser's password, the port, and the database files where PostgreSQL's account can enter it. */
  readonly dataDir: string;
  /** The folder that remembers where files outside went; `dataDir` or one above it. */
  readonly root?: string;
  /** A fixed port; otherwise a free one is chosen and remembered. */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
  /** Another PostgreSQL than the embedded one. */
  readonly binaries?: Binaries;
  readonly logFile?: string;
};

export type Cluster = {
  readonly host: "127.0.0.1";
  readonly port: number;
  readonly major: number;
  readonly superuser: "postgres";
  readonly password: string;
  readonly pgdata: string;
  readonly pid: number;
  /** True when it already ran, left over by an earlier start. */
  readonly adopted: boolean;
  readonly url: (database: string, as?: { readonly user: string; readonly password: string }) => string;
  readonly stop: () => Promise<void>;
};

type Layout = {
  readonly dataDir: string;
  readonly pgdata: string;
  readonly logFile: string;
  readonly account: Account;
  readonly binaries: Binaries;
  readonly password: string;
};

const startPatience = 60_000;

/**
 * Starts a PostgreSQL cluster of our own on loopback, made on first use: random superuser password in a 0600 file,
 * scram-sha-256, no socket. Takes over one that still runs after a crash. The server is detached: a terminal's
 * Ctrl-C must not stop it before the web server and the worker are done.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const layout = await prepare(options);
  const flags = settingFlags(options.settings ?? {});
  const fingerprint = createHash("sha256").update(JSON.stringify([layout.binaries, flags])).digest("hex");
  const stamp = path.join(layout.dataDir, "settings");
  const running = await findRunning(layout);
  if (running) {
    const sameSettings = (await readFile(stamp, "utf8").catch(() => "")) === fingerprint;
    if (sameSettings && (options.port === undefined || options.port === running.port)) {
      await waitUntilReady(layout, running, () => null);
      return describe(layout, running.port, running.pid, true);
    }
    await stopServer(running.pid);
  }
  await initialise(layout);
  await writeFile(stamp, fingerprint, { mode: 0o600 });
  return launch(layout, flags, options.port);
}

async function prepare(options: ClusterOptions): Promise<Layout> {
  const account = databaseAccount();
  const root = path.resolve(options.root ?? options.dataDir);
  const below = path.relative(root, path.resolve(options.dataDir));
  const mode = account ? 0o711 : 0o700;
  const dataDir = await makeFolderBelow(root, below, mode);
  const home = await makeFolderBelow(await placeFor(root, account), below, mode);
  const pgdata = path.join(home, "cluster");
  const binaries = options.binaries ?? (await embeddedBinaries(account));
  const password = await superuserPassword(dataDir, pgdata);
  return { dataDir, pgdata, logFile: options.logFile ?? path.join(dataDir, "server.log"), account, binaries, password };
}

async function superuserPassword(dataDir: string, pgdata: string): Promise<string> {
  const file = path.join(dataDir, "superuser");
  if (existsSync(file)) return (await readFile(file, "utf8")).trim();
  if (existsSync(pgdata)) {
    throw new SetupProblem(`${pgdata} holds a database, but its password ${file} is missing. Restore it or delete the database.`);
  }
  const password = randomBytes(24).toString("base64url");
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  return password;
}

function settingFlags(settings: Readonly<Record<string, string>>): string[] {
  const all = { listen_addresses: "127.0.0.1", unix_socket_directories: "", timezone: "UTC", log_timezone: "UTC", ...settings };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** Our own server when it runs, waiting for one that is just going down; removes what a dead one left behind. */
async function findRunning(layout: Layout): Promise<Postmaster | null> {
  const found = await readPostmaster(layout.pgdata);
  if (!found) return null;
  if (found.ours && found.status !== "stopping") return found;
  if (found.ours) {
    if (!(await waitForExit(found.pid, startPatience))) await stopServer(found.pid);
    return null;
  }
  // Left by a hard kill. PostgreSQL removes it by itself unless another program got the same process id.
  await rm(path.join(layout.pgdata, "postmaster.pid"), { force: true });
  return null;
}

async function initialise(layout: Layout): Promise<void> {
  const { pgdata, binaries, account } = layout;
  if (existsSync(pgdata)) {
    const made = dataVersion(pgdata);
    if (made === binaries.major) return;
    throw new SetupProblem(`${pgdata} was made by PostgreSQL ${made}; this is ${binaries.major}. Delete it to begin anew.`);
  }
  // Made beside its place and moved there when complete: a start that was killed half-way leaves no half cluster.
  const workshop = await mkdtemp(path.join(path.dirname(pgdata), "initdb-"));
  try {
    const passwordFile = path.join(workshop, "password");
    await writeFile(passwordFile, `${layout.password}\n`, { mode: 0o600 });
    if (account) {
      await chown(passwordFile, account.uid, account.gid);
      await chown(workshop, account.uid, account.gid);
    }
    const draft = path.join(workshop, "cluster");
    const { code, output } = await run(path.join(binaries.bin, "initdb"), initFlags(binaries, draft, passwordFile), {
      ...ids(account),
      cwd: "/",
      env: serverEnvironment,
    });
    if (code !== 0) throw new SetupProblem(`PostgreSQL could not make its data folder ${pgdata}:\n${output.trim()}`);
    await rename(draft, pgdata);
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

function initFlags(binaries: Binaries, pgdata: string, passwordFile: string): string[] {
  const sorting = binaries.major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
  return [
    `--pgdata=${pgdata}`,
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
    ...sorting,
  ];
}

/** Nothing of our own environment, which may hold secrets, reaches the server. */
const serverEnvironment = { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", TZ: "UTC", NODE_ENV: "production" } as const;

function ids(account: Account): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {};
}

async function launch(layout: Layout, flags: readonly string[], fixedPort: number | undefined): Promise<Cluster> {
  for (let attempt = 1; ; attempt += 1) {
    const port = fixedPort ?? (await choosePort(layout.dataDir));
    const outcome = await launchOnce(layout, flags, port);
    if (outcome.ok) {
      await writeFile(path.join(layout.dataDir, "port"), String(port), { mode: 0o600 });
      return describe(layout, port, outcome.pid, false);
    }
    // Somebody took the port since we looked, or the last server's children are still going down.
    const passing = /could not bind|Address already in use|pre-existing shared memory|still in use/i.test(outcome.log);
    if (!passing || attempt >= 5) {
      throw new SetupProblem(`PostgreSQL did not start (log: ${layout.logFile}):\n${outcome.log.trim()}`);
    }
    await sleep(500);
  }
}

async function choosePort(dataDir: string): Promise<number> {
  const remembered = Number(await readFile(path.join(dataDir, "port"), "utf8").catch(() => ""));
  return remembered && (await isPortFree(remembered)) ? remembered : freePort();
}

type LaunchOutcome = { readonly ok: true; readonly pid: number } | { readonly ok: false; readonly log: string };

async function launchOnce(layout: Layout, flags: readonly string[], port: number): Promise<LaunchOutcome> {
  const log = await open(layout.logFile, "a", 0o600);
  try {
    const { size } = await stat(layout.logFile);
    const child = spawn(path.join(layout.binaries.bin, "postgres"), ["-D", layout.pgdata, "-p", String(port), ...flags], {
      ...ids(layout.account),
      cwd: "/",
      env: serverEnvironment,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    let failure: string | null = null;
    child.once("error", (error) => (failure = error.message));
    child.once("exit", (code, signal) => (failure ??= `ended with ${signal ?? `code ${code}`}`));
    child.unref();
    const { pid } = child;
    if (pid !== undefined) await waitUntilReady(layout, { port, pid }, () => failure);
    else await sleep(10); // the error event says why
    if (failure === null && pid !== undefined) return { ok: true, pid };
    const tail = (await readFile(layout.logFile)).subarray(size).toString("utf8").slice(-4_000);
    return { ok: false, log: `${failure ?? ""}\n${tail}` };
  } finally {
    await log.close();
  }
}

async function waitUntilReady(
  layout: Layout,
  server: { readonly port: number; readonly pid: number },
  failed: () => string | null,
): Promise<void> {
  const deadline = Date.now() + startPatience;
  let last: unknown;
  while (failed() === null) {
    if (Date.now() > deadline) {
      throw new SetupProblem(`PostgreSQL on port ${server.port} did not answer in 60 s (log: ${layout.logFile}): ${String(last)}`);
    }
    const client = new pg.Client({
      host: "127.0.0.1",
      port: server.port,
      user: "postgres",
      password: layout.password,
      database: "postgres",
      connectionTimeoutMillis: 5_000,
    });
    try {
      await client.connect();
      return;
    } catch (error) {
      last = error;
      if (!isAlive(server.pid)) return;
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function describe(layout: Layout, port: number, pid: number, adopted: boolean): Cluster {
  return {
    host: "127.0.0.1",
    port,
    major: layout.binaries.major,
    superuser: "postgres",
    password: layout.password,
    pgdata: layout.pgdata,
    pid,
    adopted,
    url: (database, as = { user: "postgres", password: layout.password }) =>
      `postgresql://${encodeURIComponent(as.user)}:${encodeURIComponent(as.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    stop: () => stopServer(pid),
  };
}

/** Fast shutdown (ends sessions, writes a checkpoint), then ever less patient ones. */
function stopServer(pid: number): Promise<void> {
  return endProcess(pid, [
    { signal: "SIGINT", patience: 15_000 },
    { signal: "SIGQUIT", patience: 5_000 },
    { signal: "SIGKILL", patience: 5_000 },
  ]);
}
