import { existsSync } from "node:fs";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { readDemoTarget } from "../demo/target-accounts";
import { build, ensureClient, isBuilt } from "./build";
import type { StartPlan } from "./environment";
import { logFile, makeFolders, type Folders } from "./folders";
import { waitUntilHealthy } from "./health";
import { lockFolder } from "./lock";
import { prepareDemo, prepareReal, settleAll, type PartEnvironment } from "./parts";
import { freePort, isAnswering, isPortFree } from "../system/ports";
import { SetupProblem } from "../system/problem";
import { run } from "../system/processes";
import {
  environmentFor,
  providerProgram,
  trafficProgram,
  typescriptFlags,
  webProgram,
  workerProgram,
  type ProgramContext,
} from "./programs";
import { endLeftovers, supervise, type Program, type Supervised } from "./supervisor";
import { say, step } from "./terminal";
import { writeSingleFile } from "../verify/single-file.mjs";

export type CurfewOptions = {
  readonly plan: StartPlan;
  readonly root: string;
  readonly dev: boolean;
  readonly signal: AbortSignal;
};

/** Parts are stopped in this order: whoever uses a part goes before it. */
const stopOrder = ["web", "worker", "traffic", "identity-provider", "app", "target", "lock"] as const;
type PartName = (typeof stopOrder)[number];

export type RunningCurfew = {
  readonly stop: (onStep?: (name: string) => void) => Promise<void>;
};

/** Starts everything and waits until it is healthy. What came up before a failure is stopped again. */
export async function startCurfew(options: CurfewOptions): Promise<RunningCurfew> {
  const parts = new Map<PartName, () => Promise<void>>();
  const running: RunningCurfew = {
    stop: async (onStep) => {
      for (const name of stopOrder) {
        const close = parts.get(name);
        if (!close) continue;
        if (name !== "lock") onStep?.(name);
        await close();
        parts.delete(name);
      }
    },
  };
  try {
    await bringUp(options, parts);
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function bringUp({ plan, root, dev, signal }: CurfewOptions, parts: Map<PartName, () => Promise<void>>): Promise<void> {
  const folders = await makeFolders(plan.dataDir);
  parts.set("lock", await lockFolder(plan.dataDir, plan.url));
  const leftovers = await endLeftovers(folders.run);
  if (leftovers.length > 0) say(`  ✓ Ended what the last start left behind: ${leftovers.join(", ")}`);
  await requirePort(plan.port);

  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  const guarded = <Answer>(work: Promise<Answer>) =>
    work.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  const buildLog = await logFile(folders, "build");
  await ensureClient(root, buildLog);
  writeSingleFile();
  const place = { root, distDir: plan.distDir, logFile: buildLog, signal: both };
  const [, env] = await settleAll([
    guarded(dev ? Promise.resolve() : ensureBuilt(place)),
    guarded(startParts({ plan, root, dev, signal: both }, folders, parts)),
  ]).catch((error: unknown) => {
    throw failed.signal.aborted ? failed.signal.reason : error;
  });
  signal.throwIfAborted();

  const context: ProgramContext = { root, folders, env, distDir: plan.distDir, dev };
  const worker = await supervised(await workerProgram(context), folders, parts, "worker");
  const web = await supervised(await webProgram(context), folders, parts, "web");
  const fallen = [worker, web].map((child) => () => tellFall(child, folders));
  await step("Web server and worker healthy", () =>
    waitUntilHealthy({
      port: plan.port,
      url: plan.url,
      patience: dev ? 180_000 : 90_000,
      signal,
      failed: () => fallen.map((tell) => tell()).find((text) => text !== null) ?? null,
    }),
  );
  if (plan.mode === "real") await sayFirstAdministrator(context, signal);
}

/** An installation that nobody administers yet prints the one-time link that changes that. */
async function sayFirstAdministrator({ root, env, distDir, dev }: ProgramContext, signal: AbortSignal): Promise<void> {
  const program = path.join(root, "scripts/apply/first-administrator.ts");
  const { code, output } = await run(process.execPath, [...typescriptFlags, program], { cwd: root, env: environmentFor(env, distDir, dev), timeout: 60_000, signal });
  if (code !== 0) throw new SetupProblem(`The link for the first administrator could not be made:\n${output.trim().slice(-2_000)}`);
  const link = output.trim();
  if (link) say(`  ! Nobody administers this installation yet. For an hour, once:\n    ${link}`);
}

function tellFall(child: Supervised, folders: Folders): string | null {
  return child.falls() < 3 ? null : `The ${child.name} ends as soon as it starts. Log: ${path.join(folders.logs, `${child.name}.log`)}`;
}

/** Also looks at ::1: a browser that asks for `localhost` would reach whoever listens there instead of us. */
async function requirePort(port: number): Promise<void> {
  if ((await isPortFree(port)) && !(await isAnswering(port, "::1"))) return;
  throw new SetupProblem(
    `Port ${port} is in use by another program. Stop that one, or choose another port: PORT=${await freePort()} npm start`,
  );
}

async function ensureBuilt(place: Parameters<typeof build>[0]): Promise<void> {
  if (await isBuilt(place)) return;
  await step("Web app built", () => build(place), "Building the web app (the first time takes about a minute)");
}

async function startParts(
  options: CurfewOptions,
  folders: Folders,
  parts: Map<PartName, () => Promise<void>>,
): Promise<PartEnvironment> {
  const { plan, root, dev, signal } = options;
  if (plan.mode === "real") return prepareReal(plan, process.env);
  const demo = await prepareDemo({ plan, folders, signal, onCluster: (name, { stop }) => parts.set(name, stop) });
  const context: ProgramContext = { root, folders, env: demo.env, distDir: plan.distDir, dev };
  await supervised(await providerProgram(context, demo.providerFile), folders, parts, "identity-provider");
  await seedOnce(context, signal);
  await supervised(await trafficProgram(context, demo.targetFile), folders, parts, "traffic");
  return demo.env;
}

async function supervised(
  program: Program,
  folders: Folders,
  parts: Map<PartName, () => Promise<void>>,
  name: PartName,
): Promise<Supervised> {
  const child = await supervise(program, folders.run, say);
  parts.set(name, child.stop);
  return child;
}

/** Seeds a fresh database, and again when an address that the seed wrote down has moved. */
async function seedOnce({ root, folders, env, distDir, dev }: ProgramContext, signal: AbortSignal): Promise<void> {
  const program = path.join(root, "prisma/seed.ts");
  if (!existsSync(program)) return;
  // Beside the cluster: whoever deletes the database deletes this too.
  const stamp = path.join(folders.clusters, "app", "seeded");
  const { host, port } = await readDemoTarget(env["CURFEW_DEMO_TARGET_FILE"] ?? "");
  const wanted = JSON.stringify([env["OIDC_ISSUER"], host, port]);
  if ((await readFile(stamp, "utf8").catch(() => "")) === wanted) return;
  await step("Demo organisation seeded", async () => {
    const log = await logFile(folders, "seed");
    const { code, output } = await run(process.execPath, [...typescriptFlags, program], {
      cwd: root,
      env: environmentFor(env, distDir, dev),
      timeout: 300_000,
      signal,
    });
    await appendFile(log, output, { mode: 0o600 });
    if (code !== 0) throw new SetupProblem(`The demo could not be seeded (log: ${log}):\n${output.trim().slice(-3_000)}`);
    await writeFile(stamp, wanted, { mode: 0o600 });
  });
}
