import { existsSync } from "node:fs";
import { chmod, cp, readFile, rm, stat, writeFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { endProcess, isAlive, waitForExit } from "../system/processes";
import { fastSettings, temporaryFolder } from "../test/temporary";
import { startCluster, type Cluster, type ClusterOptions } from "./cluster";

const settings = fastSettings;
const asRoot = process.getuid?.() === 0;
const started: Cluster[] = [];

async function start(options: ClusterOptions): Promise<Cluster> {
  const cluster = await startCluster({ settings, ...options });
  started.push(cluster);
  return cluster;
}

async function ask(cluster: Cluster, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: cluster.url("postgres") });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

afterEach(async () => {
  for (const cluster of started.splice(0)) await cluster.stop();
});

describe("an embedded cluster", () => {
  let folder: string;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    const temporary = await temporaryFolder("cluster of tests");
    remove = temporary.remove;
    folder = path.join(temporary.folder, "with spaces");
  });
  afterAll(() => remove());

  it("listens on loopback only, without a socket, and signs in by SCRAM", async () => {
    const cluster = await start({ dataDir: folder });
    const [row] = await ask(cluster, "SELECT current_setting('listen_addresses') a, current_setting('unix_socket_directories') s");
    expect(row).toEqual({ a: "127.0.0.1", s: "" });
    expect(await ask(cluster, "SELECT DISTINCT auth_method FROM pg_hba_file_rules")).toEqual([{ auth_method: "scram-sha-256" }]);
    const wrong = new pg.Client({ connectionString: cluster.url("postgres", { user: "postgres", password: "password" }) });
    await expect(wrong.connect()).rejects.toThrow("password authentication failed");
    expect((await stat(path.join(folder, "superuser"))).mode & 0o777).toBe(0o600);
  });

  it("keeps its data, its port and its password from start to start", async () => {
    const first = await start({ dataDir: folder });
    await ask(first, "CREATE TABLE kept ()");
    await first.stop();
    const second = await start({ dataDir: folder });
    expect(second).toMatchObject({ port: first.port, password: first.password, adopted: false });
    expect(await ask(second, "SELECT to_regclass('kept')::text AS kept")).toEqual([{ kept: "kept" }]);
  });

  it("is adopted when it still runs, and stopped by whoever adopted it", async () => {
    const first = await start({ dataDir: folder });
    const second = await start({ dataDir: folder });
    expect(second).toMatchObject({ pid: first.pid, port: first.port, adopted: true });
    await second.stop();
    expect(isAlive(first.pid)).toBe(false);
  });

  it("is started anew when its settings have changed", async () => {
    const first = await start({ dataDir: folder });
    const second = await start({ dataDir: folder, settings: { ...settings, work_mem: "5MB" } });
    expect(second.pid).not.toBe(first.pid);
    expect(await ask(second, "SHOW work_mem")).toEqual([{ work_mem: "5MB" }]);
  });

  it("recovers from kill -9", async () => {
    const first = await start({ dataDir: folder });
    await endProcess(first.pid, [{ signal: "SIGKILL", patience: 5_000 }]);
    const second = await start({ dataDir: folder });
    expect(second.adopted).toBe(false);
    expect(await ask(second, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  it("is not fooled by another program that got its old process id", async () => {
    const first = await start({ dataDir: folder });
    const file = path.join(first.pgdata, "postmaster.pid");
    const note = await readFile(file, "utf8");
    await endProcess(first.pid, [{ signal: "SIGKILL", patience: 5_000 }]);
    await waitForExit(first.pid, 5_000);
    await writeFile(file, note.replace(/^\d+/, String(process.pid)));
    const second = await start({ dataDir: folder });
    expect(second.adopted).toBe(false);
    expect(isAlive(process.pid)).toBe(true);
  });

  it("takes another port when somebody has its own", async () => {
    const first = await start({ dataDir: folder });
    await first.stop();
    const thief = net.createServer().listen(first.port, "127.0.0.1");
    await new Promise((resolve) => thief.once("listening", resolve));
    const second = await start({ dataDir: folder });
    expect(second.port).not.toBe(first.port);
    await new Promise((resolve) => thief.close(resolve));
  });

  it("says in words when its password file is gone", async () => {
    const cluster = await start({ dataDir: folder });
    await cluster.stop();
    await rm(path.join(folder, "superuser"));
    await expect(start({ dataDir: folder })).rejects.toThrow(/its password .*superuser is missing/);
  });

  it("starts under a strict umask", async () => {
    const before = process.umask(0o077);
    try {
      const cluster = await start({ dataDir: path.join(folder, "..", "strict") });
      expect(await ask(cluster, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    } finally {
      process.umask(before);
    }
  });

  it("leaves two neighbours alone", async () => {
    const [one, two] = await Promise.all([
      start({ dataDir: path.join(folder, "..", "one") }),
      start({ dataDir: path.join(folder, "..", "two") }),
    ]);
    expect(one.port).not.toBe(two.port);
    expect(one.password).not.toBe(two.password);
  });
});

describe.runIf(asRoot)("in a folder that only root can enter", () => {
  let closed: string;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const temporary = await temporaryFolder("closed");
    remove = temporary.remove;
    closed = temporary.folder;
    await chmod(closed, 0o700);
  });

  it("puts the data outside, writes down where, and finds it again", async () => {
    const root = path.join(closed, "data");
    const dataDir = path.join(root, "postgres", "app");
    const before = process.umask(0o077);
    const first = await start({ dataDir, root }).finally(() => process.umask(before));
    const place = (await readFile(path.join(root, "location"), "utf8")).trim();
    expect(place).not.toContain(closed);
    expect(first.pgdata).toBe(path.join(place, "postgres", "app", "cluster"));
    await ask(first, "CREATE TABLE kept ()");
    await first.stop();
    const second = await start({ dataDir, root });
    expect(await ask(second, "SELECT to_regclass('kept')::text AS kept")).toEqual([{ kept: "kept" }]);
    await second.stop();
    expect(existsSync(path.join(dataDir, "superuser"))).toBe(true);
    const copy = path.join(closed, "copy");
    await cp(root, copy, { recursive: true });
    await expect(start({ dataDir: path.join(copy, "postgres", "app"), root: copy })).rejects.toThrow(`the database of ${root}`);
    await rm(place, { recursive: true });
    await remove();
  });
});
