import { mkdtemp, readFile, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../system/ports";
import { startEngine, type Engine } from "../test/engine";
import { Canary, type Secret } from "./needles";
import { searchDatabase, searchFolder } from "./places";

let engine: Engine;
let outside: string;
let secrets: Secret[];

beforeAll(async () => {
  engine = await startEngine();
  outside = await mkdtemp(path.join(os.tmpdir(), "curfew-canary-"));
  const secretsFile = path.join(outside, "secrets.json");
  const worker = engine.start("lib/worker/main.ts", [], { CURFEW_LOG_LEVEL: "trace" });
  const target = JSON.stringify(engine.worldTarget("ca0a2101"));
  const play = engine.start("scripts/canary/play.ts", [String(await freePort()), target, secretsFile, path.join(engine.folder, "exports")], {
    CURFEW_LOG_LEVEL: "trace",
    CANARY_TARGET_ADMIN: engine.target.url("postgres"),
    NODE_OPTIONS: `--import ${new URL("../test/next-on-server.mjs", import.meta.url).href}`,
  });
  const ended = await play.ended;
  if (ended.code !== 0) console.error(play.output());
  expect(ended).toEqual({ code: 0, signal: null });
  await worker.stop();
  secrets = [...(JSON.parse(await readFile(secretsFile, "utf8")) as Secret[]), ...engine.secrets];
});

afterAll(async () => {
  await rm(outside, { recursive: true, force: true });
  await engine.stop();
});

/** The demo keeps its sign-ins to the target in this file, readable for its user only. */
const kept = (file: string) => file === "target.json" || /^(app|target)\/superuser$/.test(file);

describe("every secret that a full run issues", () => {
  it("is among those searched for", () => {
    const kinds = new Set(secrets.map(({ what }) => what.replace(/^cookie .*/, "cookie")));
    expect([...kinds].sort()).toEqual([
      "CURFEW_SECRET_KEY", "OIDC access_token", "OIDC client secret", "OIDC id_token", "account of the app's database", "authorization code", "connector's password", "cookie",
      "part of a verifier", "password", "probe's password", "secret of the workload issuer", "secret pasted into a text", "tampered token", "verifier", "workload token",
    ]);
  });

  it("stands in no table of the app's database", async () => {
    const canary = new Canary(secrets);
    const tables = await searchDatabase(canary, engine.app.url("curfew"));
    expect(canary.leaks).toEqual([]);
    expect(tables).toEqual(expect.arrayContaining(["public.grants", "public.sign_ins", "public.systems", "ledger.event", "ledger.clear_value", "graphile_worker._private_jobs"]));
    expect(canary.searched).toBeGreaterThan(50_000);
  });

  it("stands in no file that the app's database keeps, its log with every statement and its write-ahead log included", async () => {
    const canary = new Canary(secrets);
    expect(await searchFolder(canary, path.join(engine.folder, "app"), (file) => file === "superuser")).toBeGreaterThan(500);
    expect(canary.leaks).toEqual([]);
  });

  it("stands in no log of web and worker, and in no export", async () => {
    const canary = new Canary(secrets);
    const files = await searchFolder(canary, engine.folder, (file) => kept(file) || /^(app|target)\//.test(file));
    expect(files).toBeGreaterThanOrEqual(3);
    expect(canary.leaks).toEqual([]);
    const log = await readFile(path.join(engine.folder, "processes.log"), "utf8");
    expect(log).toContain("worker ready");
    expect(log).toContain("auth.callback");
    expect(log).toContain("issue failed");
  });

  it("stands in no log of the target, which logs every statement, and not in its statistics", async () => {
    const canary = new Canary(secrets);
    const logs = await searchFolder(canary, path.join(engine.folder, "target/cluster/log"));
    const before = canary.searched;
    await searchFolder(canary, path.join(engine.folder, "target"), (file) => file !== "server.log");
    for (const { query } of await engine.onTarget<{ query: string }>("select query from pg_stat_statements", "orders")) canary.search(query, "pg_stat_statements");
    expect(logs).toBeGreaterThan(0);
    expect(before).toBeGreaterThan(50_000);
    expect(canary.leaks).toEqual([]);
  });
});

describe("the search itself", () => {
  it("finds a secret that somebody put into a table, as text or as bytes, and in the log and the files of the database", async () => {
    const planted = { what: "planted", value: "pl4nted-by-the-test-9f2c" };
    await engine.asSuperuser("insert into teams (id, name) values (gen_random_uuid(), $1)", [planted.value]);
    await engine.asSuperuser("select ledger.append('test.planted', convert_to($1, 'UTF8'), now(), '{}', '{}')", [`{"x":"${planted.value}"}`]);
    await engine.asSuperuser("checkpoint");
    const canary = new Canary([planted]);
    await searchDatabase(canary, engine.app.url("curfew"));
    expect(canary.leaks).toEqual(
      expect.arrayContaining([
        { what: "planted", form: "as it is", where: "table public.teams" },
        { what: "planted", form: "hexadecimal", where: "table ledger.event" },
      ]),
    );
    const inFiles = new Canary([planted]);
    await searchFolder(inFiles, path.join(engine.folder, "app"));
    const places = inFiles.leaks.map(({ where }) => where);
    expect(places).toContain("server.log");
    expect(places.some((where) => where.startsWith("cluster/base/"))).toBe(true);
    expect(places.some((where) => where.startsWith("cluster/pg_wal/"))).toBe(true);
  });
});
