import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isAlive, processIdentity } from "../system/processes";
import { temporaryFolder } from "../test/temporary";
import { lockFolder } from "./lock";
import { endLeftovers, supervise, type Program } from "./supervisor";

let folder: string;
let run: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  ({ folder, remove } = await temporaryFolder("supervisor"));
  run = path.join(folder, "run");
  await mkdir(run);
});
afterAll(() => remove());

async function program(name: string, code: string): Promise<Program> {
  const file = path.join(folder, `${name}.mjs`);
  await writeFile(file, code);
  return { name, args: [file], env: { ...process.env }, cwd: folder, logFile: path.join(folder, `${name}.log`), patience: 500 };
}

const forever = "setInterval(() => {}, 1000);";
const soon = { timeout: 15_000, interval: 50 };

describe("a supervised program", () => {
  it("is started again when it ends by itself, and that is said with the log's name", async () => {
    const said: string[] = [];
    const child = await supervise(await program("falls", "process.exit(3);"), run, (line) => said.push(line));
    await vi.waitFor(() => expect(child.falls()).toBeGreaterThanOrEqual(2), soon);
    await child.stop();
    expect(said[0]).toMatch(/falls ended by itself \(code 3\); again in 1 s\. Log: .*falls\.log/);
    expect(said[1]).toContain("again in 2 s");
    const count = child.falls();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(child.falls()).toBe(count);
  });

  it("may end in its own time after SIGTERM, and writes to its log", async () => {
    const polite = await program("polite", `process.on("SIGTERM", () => { console.log("bye"); process.exit(0); }); console.log("hello"); ${forever}`);
    const child = await supervise(polite, run, () => undefined);
    await vi.waitFor(async () => expect(await readFile(polite.logFile, "utf8")).toContain("hello"), soon);
    await child.stop();
    expect(await readFile(polite.logFile, "utf8")).toContain("bye");
    expect(child.falls()).toBe(0);
  });

  it("is killed with everything it started when it does not end", async () => {
    const stubborn = await program(
      "stubborn",
      `import { spawn } from "node:child_process"; process.on("SIGTERM", () => {});
       const child = spawn(process.execPath, ["-e", "process.on('SIGTERM', () => {}); ${forever}"], { stdio: "ignore" }); console.log("child " + child.pid); ${forever}`,
    );
    const child = await supervise(stubborn, run, () => undefined);
    await vi.waitFor(async () => expect(await readFile(stubborn.logFile, "utf8")).toMatch(/child \d+/), soon);
    const grandchild = Number(/child (\d+)/.exec(await readFile(stubborn.logFile, "utf8"))?.[1]);
    const pid = child.pid() ?? 0;
    await child.stop();
    await vi.waitFor(() => expect([isAlive(pid), isAlive(grandchild)]).toEqual([false, false]), soon);
  });

  it("ends by itself when its launcher is killed", async () => {
    const follow = pathToFileURL(path.resolve("scripts/launch/follow-parent.mjs")).href;
    const { args } = await program("orphan", `console.log(process.pid); ${forever}`);
    const launcher = spawn(
      process.execPath,
      ["-e", `require("node:child_process").spawn(process.execPath, ["--import", ${JSON.stringify(follow)}, ${JSON.stringify(args[0])}], { detached: true, stdio: ["ignore", "inherit", "ignore"] }); ${forever}`],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    const pid = Number(await new Promise<string>((resolve) => launcher.stdout.once("data", (chunk: Buffer) => resolve(String(chunk)))));
    expect(isAlive(pid)).toBe(true);
    launcher.kill("SIGKILL");
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), soon);
  });
});

describe("what a killed launcher left running", () => {
  it("is ended at the next start, but no other program with the same id", async () => {
    const left = spawn(process.execPath, ["-e", forever], { detached: true, stdio: "ignore" });
    const other = spawn(process.execPath, ["-e", forever], { detached: true, stdio: "ignore" });
    await writeFile(path.join(run, "web.json"), JSON.stringify({ pid: left.pid, identity: processIdentity(left.pid ?? 0) }));
    await writeFile(path.join(run, "worker.json"), JSON.stringify({ pid: other.pid, identity: `${other.pid}:1` }));
    await writeFile(path.join(run, "traffic.json"), "{");
    expect(await endLeftovers(run)).toEqual(["web"]);
    expect([isAlive(left.pid ?? 0), isAlive(other.pid ?? 0)]).toEqual([false, true]);
    expect(await readdir(run)).toEqual([]);
    other.kill("SIGKILL");
  });
});

describe("a data folder", () => {
  it("belongs to one launcher at a time, which the next one names", async () => {
    const release = await lockFolder(folder, "http://localhost:3000");
    await expect(lockFolder(folder, "http://localhost:3001")).rejects.toThrow(
      `Curfew already runs from ${folder} at http://localhost:3000 (process ${process.pid})`,
    );
    await release();
    await (await lockFolder(folder, "http://localhost:3001"))();
  });

  it("is free again after a hard kill", async () => {
    await writeFile(path.join(folder, "launcher.json"), JSON.stringify({ pid: process.pid, identity: "1:1", url: "x" }));
    await (await lockFolder(folder, "http://localhost:3001"))();
    await writeFile(path.join(folder, "launcher.json"), "{");
    await (await lockFolder(folder, "http://localhost:3001"))();
  });
});
