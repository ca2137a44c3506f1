import { spawn, type ChildProcess } from "node:child_process";
import { open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { endProcess, isAlive, processIdentity } from "../system/processes";

export type Program = {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly logFile: string;
  /** How long it may take to end after SIGTERM. */
  readonly patience: number;
};

export type Supervised = {
  readonly name: string;
  readonly pid: () => number | undefined;
  /** How often it has ended by itself. */
  readonly falls: () => number;
  readonly stop: () => Promise<void>;
};

const longestPause = 30_000;
/** Whoever lived this long begins anew with the shortest pause. */
const goodLife = 60_000;

/**
 * Keeps one Node.js program running: starts it in a group of its own, so that a terminal's Ctrl-C does not reach it
 * before its turn, and starts it again with growing pauses when it ends by itself.
 */
export async function supervise(program: Program, runDir: string, say: (line: string) => void): Promise<Supervised> {
  const note = path.join(runDir, `${program.name}.json`);
  let child: ChildProcess | undefined;
  let stopping = false;
  let falls = 0;
  let pause = 1_000;
  let timer: NodeJS.Timeout | undefined;

  const begin = async () => {
    const born = Date.now();
    const current = await startProgram(program);
    child = current;
    current.once("exit", (code, signal) => {
      child = undefined;
      if (stopping) return;
      falls += 1;
      pause = Date.now() - born > goodLife ? 1_000 : pause;
      say(`  ! ${program.name} ended by itself (${signal ?? `code ${code}`}); again in ${pause / 1000} s. Log: ${program.logFile}`);
      timer = setTimeout(() => void begin().catch((error: unknown) => say(`  ! ${program.name}: ${String(error)}`)), pause);
      pause = Math.min(pause * 2, longestPause);
    });
    const { pid } = current;
    if (pid !== undefined) await writeFile(note, JSON.stringify({ pid, identity: processIdentity(pid) }), { mode: 0o600 });
  };

  await begin();
  return {
    name: program.name,
    pid: () => child?.pid,
    falls: () => falls,
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      if (child?.pid !== undefined) await endGroup(child.pid, program.patience);
      await rm(note, { force: true });
    },
  };
}

async function startProgram({ args, env, cwd, logFile }: Program): Promise<ChildProcess> {
  const log = await open(logFile, "a", 0o600);
  try {
    const child = spawn(process.execPath, [...args], {
      cwd,
      env: env as NodeJS.ProcessEnv,
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    child.once("error", () => undefined); // the exit that follows is reported
    return child;
  } finally {
    await log.close();
  }
}

async function endGroup(pid: number, patience: number): Promise<void> {
  if (isAlive(pid)) {
    await endProcess(pid, [
      { signal: "SIGTERM", patience },
      { signal: "SIGKILL", patience: 2_000, group: true },
    ]);
  }
  // What it started itself and left behind; usually nothing.
  await endProcess(pid, [{ signal: "SIGKILL", patience: 0, group: true }]);
}

/** Ends what an earlier launcher left running when it was killed. Answers their names. */
export async function endLeftovers(runDir: string): Promise<readonly string[]> {
  const ended: string[] = [];
  for (const file of (await readdir(runDir)).filter((name) => name.endsWith(".json"))) {
    const note = path.join(runDir, file);
    const { pid, identity } = await readNote(note);
    if (pid > 0 && processIdentity(pid) === identity) {
      await endGroup(pid, 3_000);
      ended.push(file.replace(/\.json$/, ""));
    }
    await rm(note, { force: true });
  }
  return ended;
}

async function readNote(file: string): Promise<{ pid: number; identity: string }> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as { pid: number; identity: string };
  } catch {
    return { pid: 0, identity: "" }; // cut off while it was written: the process has followed its launcher
  }
}
