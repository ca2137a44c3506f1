import { readdir } from "node:fs/promises";
import type { Server } from "node:http";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { startCluster, type Cluster } from "../cluster/cluster";
import { startIdentityProvider } from "../demo/identity-server";
import { issuerOf, newProviderSettings } from "../demo/provider-settings";
import { freePort } from "../system/ports";
import { npmStart, type StartedProgram } from "../test/npm-start";
import { fastSettings, temporaryFolder } from "../test/temporary";
import { prepareAppDatabase } from "./app-database";
import { askHealth } from "./health";

/** An installation with a database and an identity provider of its own, as an operator would configure it. */
let folder: string;
let remove: () => Promise<void>;
let cluster: Cluster;
let issuer: Server;
let port: number;
let variables: Record<string, string>;
const running: StartedProgram[] = [];

beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder("real parts"));
  cluster = await startCluster({ dataDir: path.join(folder, "server"), root: folder, settings: fastSettings });
  const { ownerUrl, appUrl } = await prepareAppDatabase(cluster, { ownerPassword: "owner", appPassword: "app", secretKey: "" });
  port = await freePort();
  const settings = newProviderSettings(await freePort(), `http://localhost:${port}`);
  issuer = await startIdentityProvider(settings);
  variables = {
    PORT: String(port),
    CURFEW_DATA_DIR: path.join(folder, "data"),
    DATABASE_URL: appUrl,
    CURFEW_MIGRATE_URL: ownerUrl,
    OIDC_ISSUER: issuerOf(settings),
    OIDC_CLIENT_ID: settings.clientId,
    OIDC_CLIENT_SECRET: settings.clientSecret,
    CURFEW_SECRET_KEY: Buffer.alloc(32, 5).toString("base64"),
  };
});

afterAll(async () => {
  for (const started of running) await end(started);
  issuer.closeAllConnections();
  issuer.close();
  await cluster.stop();
  await remove();
});

function program(name: string | null, changes: Readonly<Record<string, string | undefined>> = {}): StartedProgram {
  const made = npmStart(name ? [name] : [], { ...variables, ...changes });
  running.push(made);
  return made;
}

async function end({ child, ended }: StartedProgram): Promise<number | null> {
  child.kill("SIGTERM");
  return ended;
}

type Visit = { readonly method?: string; readonly origin?: string; readonly body?: URLSearchParams };

/** A browser without pages: cookies per origin, redirects followed as browsers do. Answers where it ended up. */
async function visit(jar: Map<string, Map<string, string>>, url: string, { method = "GET", origin, body }: Visit = {}): Promise<{ url: string }> {
  const here = new URL(url).origin;
  const cookies = jar.get(here) ?? new Map<string, string>();
  jar.set(here, cookies);
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await fetch(url, { method, redirect: "manual", headers: { cookie, ...(origin ? { origin } : {}) }, ...(body ? { body } : {}) });
  for (const line of response.headers.getSetCookie()) {
    const [name = "", ...value] = (line.split(";", 1)[0] ?? "").split("=");
    cookies.set(name, value.join("="));
  }
  const location = response.headers.get("location");
  return location === null ? { url } : visit(jar, new URL(location, url).href);
}

const health = async () => (await askHealth(port, `http://localhost:${port}`).catch(() => null))?.status ?? 0;
const patient = { timeout: 240_000, interval: 200 };

describe("with real parts", () => {
  it("the start brings up the web server and the worker, and nothing of the demo", { timeout: 300_000 }, async () => {
    const start = program(null);
    const { child, output } = start;
    await vi.waitUntil(() => output().includes("Curfew is ready") || child.exitCode !== null, patient);
    expect(output()).toContain(`Curfew is ready: http://localhost:${port}`);
    expect(output()).not.toMatch(/demo|Rita Okafor|PostgreSQL for/);
    expect(await health()).toBe(200);
    expect((await readdir(path.join(folder, "data", "run"))).toSorted()).toEqual(["web.json", "worker.json"]);
    expect(await readdir(path.join(folder, "data", "postgres"))).toEqual([]);
    const client = new pg.Client({ connectionString: cluster.url("curfew") });
    await client.connect();
    const { rows } = await client.query("SELECT count(*)::int AS systems FROM systems");
    const users = await client.query<{ usename: string }>(
      "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'curfew' AND usename <> 'postgres'",
    );
    await client.end();
    expect(rows).toEqual([{ systems: 0 }]);
    expect(output()).toMatch(new RegExp(`http://localhost:${port}/first-administrator#[\\w-]{43}\\n`));
    // The owner of the schemas signs in to migrate and never again.
    expect(users.rows).toEqual([{ usename: "curfew_app" }]);
    expect(await end(start)).toBe(0);
  });

  it("its one-time link makes whoever signs in with it the administrator", { timeout: 300_000 }, async () => {
    const start = program(null);
    await vi.waitUntil(() => start.output().includes("Curfew is ready") || start.child.exitCode !== null, patient);
    const token = /first-administrator#([\w-]{43})/.exec(start.output())?.[1] ?? "";
    const ours = `http://localhost:${port}`;
    const jar = new Map<string, Map<string, string>>();
    const post = (url: string, fields: Record<string, string>) => visit(jar, url, { method: "POST", origin: new URL(url).origin, body: new URLSearchParams(fields) });
    const chooser = await post(`${ours}/api/auth/signin`, { next: "/first-administrator" });
    expect((await post(chooser.url, { sub: "outsider" })).url).toBe(`${ours}/first-administrator`);
    expect((await post(`${ours}/api/auth/first-administrator`, { token: "made up" })).url).toBe(`${ours}/first-administrator?refused=link-unknown`);
    expect((await post(`${ours}/api/auth/first-administrator`, { token })).url).toBe(`${ours}/people`);
    expect((await post(`${ours}/api/auth/first-administrator`, { token })).url).toBe(`${ours}/first-administrator?refused=not-the-first`);
    expect(await end(start)).toBe(0);
  });

  it("web server and worker run alone, and their health report says who is missing", { timeout: 300_000 }, async () => {
    const web = program("web", { CURFEW_MIGRATE_URL: undefined });
    await vi.waitUntil(async () => (await health()) !== 0, patient);
    await vi.waitUntil(async () => (await health()) === 503, patient);
    const worker = program("worker", { CURFEW_MIGRATE_URL: undefined });
    await vi.waitUntil(async () => (await health()) === 200, patient);
    await end(worker);
    await vi.waitUntil(async () => (await health()) === 503, patient);
    await end(web);
  });

  it("migrations run alone and say that there was nothing to do", async () => {
    const { ended, output } = program("migrate");
    expect(await ended).toBe(0);
    expect(output()).toContain("The database was up to date.");
  });

  it.each([
    ["web", "DATABASE_URL"],
    ["worker", "CURFEW_SECRET_KEY"],
    ["migrate", "OIDC_ISSUER"],
  ])("%s alone names a missing %s and ends", async (name, missing) => {
    const { ended, output } = program(name, { [missing]: undefined });
    expect(await ended).toBe(1);
    expect(output()).toContain(`  ${missing}\n    expected: `);
  });

  it("one database role for both is refused in words", async () => {
    const { ended, output } = program(null, { DATABASE_URL: variables["CURFEW_MIGRATE_URL"] });
    expect(await ended).toBe(1);
    expect(output()).toContain('name the same role "curfew_owner"');
    expect(output()).not.toMatch(/\n\s+at /);
  });
});
