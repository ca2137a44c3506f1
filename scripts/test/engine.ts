import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { makeScramVerifier } from "../../lib/connectors/postgres/scram";
import { migrate } from "../../lib/db/migrate";
import type { WorldTarget } from "../../lib/requests/test-world";
import { startCluster, type Cluster } from "../cluster/cluster";
import { prepareTarget, targetSettings } from "../demo/target";
import type { DemoTarget } from "../demo/target-accounts";
import { endProcess } from "../system/processes";
import { fastSettings, temporaryFolder } from "./temporary";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
/** No program outlives a test run that was killed. */
const followParent = path.join(root, "scripts/launch/follow-parent.mjs");

/** How a program ended: with a code, or killed by a signal. */
export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A program of ours that runs beside the test, with everything that it printed. */
export type Program = { readonly pid: number; readonly ended: Promise<Ended>; readonly output: () => string; readonly stop: () => Promise<void> };

/** The engine as it is installed: its own database, a real target, and web-side and worker programs as separate processes. */
export type Engine = {
  readonly folder: string;
  readonly app: Cluster;
  readonly target: Cluster;
  readonly accounts: DemoTarget;
  /** For programs, and set in this process, too. */
  readonly environment: Readonly<Record<string, string>>;
  readonly asSuperuser: <Row extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<Row[]>;
  readonly onTarget: <Row extends pg.QueryResultRow>(sql: string, database?: string) => Promise<Row[]>;
  readonly start: (file: string, args?: readonly string[], over?: Readonly<Record<string, string>>) => Program;
  /** What the installation itself keeps secret. */
  readonly secrets: readonly { readonly what: string; readonly value: string }[];
  /** The demo's target as an organisation of tests connects it. */
  readonly worldTarget: (installationTag: string) => WorldTarget;
  /** Starts the target again where it was. */
  readonly startTarget: () => Promise<void>;
  readonly restartApp: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

const passwords = { owner: randomBytes(12).toString("hex"), app: randomBytes(12).toString("hex") };

async function prepareDatabase(app: Cluster): Promise<{ ownerUrl: string; appUrl: string }> {
  const superuser = new pg.Client({ connectionString: app.url("postgres") });
  await superuser.connect();
  try {
    // As verifiers: this server's log holds every statement, and a test searches it for passwords.
    await superuser.query(`CREATE ROLE curfew_owner LOGIN PASSWORD '${await makeScramVerifier(passwords.owner)}'`);
    await superuser.query(`CREATE ROLE curfew_app LOGIN PASSWORD '${await makeScramVerifier(passwords.app)}'`);
    await superuser.query("CREATE DATABASE curfew OWNER curfew_owner");
  } finally {
    await superuser.end();
  }
  const ownerUrl = app.url("curfew", { user: "curfew_owner", password: passwords.owner });
  const appUrl = app.url("curfew", { user: "curfew_app", password: passwords.app });
  await migrate({ ownerUrl, appUrl, folder: path.join(root, "prisma/migrations") });
  return { ownerUrl, appUrl };
}

function environmentOf(folder: string, appUrl: string): Record<string, string> {
  return {
    DATABASE_URL: appUrl,
    CURFEW_URL: "http://localhost:3000",
    CURFEW_DATA_DIR: folder,
    CURFEW_SECRET_KEY: randomBytes(32).toString("base64"),
    CURFEW_TEST: "1",
    CURFEW_LOG_LEVEL: "info",
    OIDC_ISSUER: "http://localhost:3999",
    OIDC_CLIENT_ID: "curfew-test",
    OIDC_CLIENT_SECRET: randomBytes(24).toString("base64url"),
  };
}

async function query<Row extends pg.QueryResultRow>(connectionString: string, sql: string, values: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Runs one of our programs the way that the launcher does; its output is kept and also appended to `logFile`. */
function startProgram(file: string, args: readonly string[], env: Readonly<Record<string, string>>, logFile: string): Program {
  const child = spawn(process.execPath, ["--import", followParent, "--conditions=react-server", "--import", "tsx", path.join(root, file), ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (chunk: Buffer) => {
    output += chunk.toString("utf8");
    appendFileSync(logFile, chunk);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const ended = new Promise<Ended>((resolve) => child.once("close", (code, signal) => resolve({ code, signal })));
  const { pid } = child;
  if (pid === undefined) throw new TypeError(`${file} did not start`);
  const stop = async () => {
    await endProcess(pid, [{ signal: "SIGTERM", patience: 30_000 }, { signal: "SIGKILL", patience: 5_000 }]);
    await ended;
  };
  return { pid, ended, output: () => output, stop };
}

function worldTargetOf({ host, port, database, connector, probe }: DemoTarget, installationTag: string): WorldTarget {
  return {
    installationTag,
    config: { host, port, database, sslmode: "disable" },
    secrets: { connector, probe },
    groups: { low: "warehouse_read", medium: "orders_read", high: "orders_write", critical: "orders_admin" },
  };
}

/** Starts an installation without a web server: what system tests of the engine work on. */
export async function startEngine(): Promise<Engine> {
  const { folder, remove } = await temporaryFolder("engine");
  const targetOptions = { dataDir: path.join(folder, "target"), root: folder, settings: { ...targetSettings, ...fastSettings, log_statement: "all" } };
  const appOptions = { dataDir: path.join(folder, "app"), root: folder, settings: { ...fastSettings, log_statement: "all" } };
  let app = await startCluster(appOptions);
  let target = await startCluster(targetOptions);
  const running = new Set<Program>();
  const stop = async () => {
    // A program that still writes would keep its folder from being removed.
    await Promise.all([...running].map((program) => program.stop()));
    await Promise.all([app.stop(), target.stop()]);
    await remove();
  };
  try {
    const { appUrl } = await prepareDatabase(app);
    const environment = environmentOf(folder, appUrl);
    Object.assign(process.env, environment, { CURFEW_LOG_LEVEL: "silent" });
    const accounts = await prepareTarget(target, path.join(folder, "target.json"));
    return {
      folder,
      app,
      target,
      accounts,
      secrets: [
        { what: "CURFEW_SECRET_KEY", value: environment["CURFEW_SECRET_KEY"] ?? "" },
        { what: "account of the app's database", value: passwords.app },
        { what: "connector's password", value: accounts.connector.password },
        { what: "probe's password", value: accounts.probe.password },
      ],
      worldTarget: (installationTag) => worldTargetOf(accounts, installationTag),
      environment,
      asSuperuser: (sql, values) => query(app.url("curfew"), sql, values),
      onTarget: (sql, database = "postgres") => query(target.url(database), sql),
      start: (file, args = [], over = {}) => {
        const program = startProgram(file, args, { ...environment, ...over }, path.join(folder, "processes.log"));
        running.add(program);
        void program.ended.then(() => running.delete(program));
        return program;
      },
      startTarget: async () => {
        target = await startCluster({ ...targetOptions, port: target.port });
      },
      restartApp: async () => {
        await app.stop();
        app = await startCluster({ ...appOptions, port: app.port });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a cluster's server wrote so far, its log collector's files included. */
export async function serverLogs(cluster: Cluster, files: readonly string[]): Promise<string> {
  const texts = await Promise.all(files.map((file) => readFile(path.join(cluster.pgdata, file), "utf8").catch(() => "")));
  return texts.join("\n");
}

/** Asks again until the answer is good; bounded by what no healthy installation needs. */
export async function until(what: string, good: () => Promise<boolean>, milliseconds = 120_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await good())) {
    if (Date.now() > deadline) throw new RangeError(`not within ${milliseconds / 1000} s: ${what}`);
    await sleep(200);
  }
}
