import { readdir, readFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { freePort, isAnswering } from "../system/ports";
import { isAlive } from "../system/processes";
import { npmStart, type StartedProgram } from "../test/npm-start";
import { temporaryFolder } from "../test/temporary";
import { askHealth } from "./health";

const running: StartedProgram[] = [];

function start(variables: Readonly<Record<string, string>>): StartedProgram {
  const made = npmStart([], variables);
  running.push(made);
  return made;
}

async function ready({ output, ended }: StartedProgram): Promise<void> {
  let over = false;
  void ended.then(() => (over = true));
  await vi.waitUntil(() => over || output().includes("Curfew is ready"), { timeout: 240_000, interval: 100 });
  expect(output()).toContain("Curfew is ready");
}

afterAll(async () => {
  for (const { child, ended } of running) {
    child.kill("SIGTERM");
    await ended;
  }
});

describe("a start that cannot succeed", () => {
  it("names every wrong variable and starts nothing", async () => {
    const { output, ended } = start({ PORT: "http", OIDC_ISSUER: "https://login.example.com" });
    expect(await ended).toBe(1);
    for (const name of ["PORT", "DATABASE_URL", "CURFEW_MIGRATE_URL", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "CURFEW_SECRET_KEY"]) {
      expect(output()).toMatch(new RegExp(`^  ${name}\\n    expected: `, "m"));
    }
    expect(output()).toContain("Nothing was started");
    expect(output()).not.toMatch(/\n\s+at /);
  });

  it("says in one line which port is busy, and what to do", async () => {
    const { folder, remove } = await temporaryFolder("busy");
    const port = await freePort();
    const holder = net.createServer().listen(port, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { output, ended } = start({ PORT: String(port), CURFEW_DATA_DIR: folder });
    expect(await ended).toBe(1);
    expect(output().trim().split("\n").at(-1)).toMatch(
      new RegExp(`^Port ${port} is in use by another program\\. Stop that one, or choose another port: PORT=\\d+ npm start$`),
    );
    await new Promise((resolve) => holder.close(resolve));
    await remove();
  });

  it("names a real database that does not answer, without its password", async () => {
    const { folder, remove } = await temporaryFolder("real");
    const nowhere = `127.0.0.1:${await freePort()}/curfew`;
    const { output, ended } = start({
      PORT: String(await freePort()),
      CURFEW_DATA_DIR: folder,
      DATABASE_URL: `postgresql://app:hush-app@${nowhere}`,
      CURFEW_MIGRATE_URL: `postgresql://owner:hush-owner@${nowhere}`,
      OIDC_ISSUER: "https://login.example.com",
      OIDC_CLIENT_ID: "curfew",
      OIDC_CLIENT_SECRET: "hush-client",
      CURFEW_SECRET_KEY: Buffer.alloc(32, 9).toString("base64"),
    });
    expect(await ended).toBe(1);
    expect(output()).toContain(`CURFEW_MIGRATE_URL: no connection to ${nowhere}`);
    expect(output()).not.toContain("hush");
    await remove();
  });
});

describe("the demo", () => {
  let folder: string;
  let remove: () => Promise<void>;
  let variables: Record<string, string>;
  let port: number;
  let url: string;

  beforeAll(async () => {
    ({ folder, remove } = await temporaryFolder("whole demo"));
    port = await freePort();
    url = `http://localhost:${port}`;
    variables = { PORT: String(port), CURFEW_DATA_DIR: folder };
  });
  afterAll(() => remove());

  async function processes(): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (const file of await readdir(path.join(folder, "run"))) {
      const { pid } = JSON.parse(await readFile(path.join(folder, "run", file), "utf8")) as { pid: number };
      found.set(file.replace(".json", ""), pid);
    }
    for (const name of ["app", "target"]) {
      const note = await readFile(path.join(folder, "postgres", name, "cluster", "postmaster.pid"), "utf8");
      found.set(`postgres-${name}`, Number(note.split("\n")[0]));
    }
    const launcher = JSON.parse(await readFile(path.join(folder, "launcher.json"), "utf8")) as { pid: number };
    return found.set("launcher", launcher.pid);
  }

  it("starts, survives kill -9 of everything, starts again in seconds, and stops cleanly by Ctrl-C", { timeout: 600_000 }, async () => {
    const first = start(variables);
    await ready(first);
    expect(JSON.parse((await askHealth(port, url)).body)).toMatchObject({ web: expect.anything(), database: expect.anything(), worker: expect.anything(), ledger: expect.anything() });

    expect(first.output()).toContain("Rita Okafor");

    const twin = start({ ...variables, PORT: String(await freePort()) });
    expect(await twin.ended).toBe(1);
    expect(twin.output()).toContain(`Curfew already runs from ${folder} at ${url}`);

    const all = await processes();
    expect([...all.keys()].toSorted()).toEqual(["identity-provider", "launcher", "postgres-app", "postgres-target", "traffic", "web", "worker"]);
    first.child.kill("SIGKILL");
    for (const pid of all.values()) process.kill(pid, "SIGKILL");
    await first.ended;

    const second = start(variables);
    await ready(second);
    expect(second.output()).not.toMatch(/built|seeded/);

    const again = await processes();
    second.child.kill("SIGINT");
    expect(await second.ended).toBe(0);
    expect(second.output()).toMatch(/Stopped web, worker, traffic, identity-provider, app, target in [\d.]+ s\. Your data is kept\./);
    expect([...again].filter(([, pid]) => isAlive(pid)).map(([name]) => name)).toEqual([]);
    expect(await isAnswering(port, "127.0.0.1")).toBe(false);
  });

  it("starts what fell down again", { timeout: 300_000 }, async () => {
    const demo = start(variables);
    await ready(demo);
    const before = await processes();
    const fallers = ["web", "worker", "identity-provider", "postgres-app", "postgres-target"];
    for (const name of fallers) process.kill(before.get(name) ?? 0, "SIGKILL");
    await vi.waitUntil(async () => {
      const now = await processes().catch(() => before); // a file may be just being written
      return fallers.every((name) => now.get(name) !== before.get(name));
    }, { timeout: 30_000, interval: 200 });
    await vi.waitUntil(async () => (await askHealth(port, url).catch(() => null))?.status === 200, { timeout: 60_000, interval: 200 });
    expect(demo.output()).toContain("web ended by itself (SIGKILL); again in 1 s");
    expect(demo.output()).toContain("PostgreSQL (target) ended by itself; starting it again");
    demo.child.kill("SIGTERM");
    expect(await demo.ended).toBe(0);
  });

  it("can be stopped while it is still starting", { timeout: 120_000 }, async () => {
    const demo = start(variables);
    await vi.waitUntil(() => demo.output().includes("PostgreSQL for Curfew"), { timeout: 60_000, interval: 20 });
    demo.child.kill("SIGINT");
    expect(await demo.ended).toBe(0);
    expect(demo.output()).toContain("Stopped before it was ready.");
    expect(await readdir(path.join(folder, "run"))).toEqual([]);
  });
});
