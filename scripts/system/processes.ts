import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupProblem } from "./problem";

/** True while a process with this id exists, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** A dead process that its parent has not collected still answers to signal 0. */
function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false; // no /proc on this system, or gone meanwhile: the next look decides
  }
}

/**
 * What tells a process from a later one with the same id: its start time. Null when there is no such process.
 * Linux keeps it in /proc, elsewhere `ps` knows it.
 */
export function processIdentity(pid: number): string | null {
  if (!isAlive(pid)) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return `${pid}:${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""}`;
  } catch {
    return askPs(pid, "lstart=", (text) => `${pid}:${text}`);
  }
}

/** The command line of a process, for recognising our own; null when it cannot be told. */
export function commandLine(pid: number): string | null {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return askPs(pid, "command=", (text) => text);
  }
}

function askPs(pid: number, field: string, then: (text: string) => string): string | null {
  try {
    return then(execFileSync("ps", ["-o", field, "-p", String(pid)], { encoding: "utf8" }).trim());
  } catch {
    return null;
  }
}

/** Waits until a process is gone; answers whether it went in time. */
export async function waitForExit(pid: number, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await sleep(25);
  }
  return true;
}

/** Sends signals one after the other, each with its patience, until the process is gone. */
export async function endProcess(
  pid: number,
  steps: readonly { readonly signal: NodeJS.Signals; readonly patience: number; readonly group?: boolean }[],
): Promise<void> {
  for (const { signal, patience, group } of steps) {
    try {
      process.kill(group ? -pid : pid, signal);
    } catch {
      // Already gone, or never a group leader: the wait below tells.
    }
    if (await waitForExit(pid, patience)) return;
  }
}

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
  readonly gid?: number;
  readonly timeout?: number;
  /** Ends the program at once. */
  readonly signal?: AbortSignal;
  /** Gets both streams as they come, for a log file. */
  readonly onOutput?: (chunk: Buffer) => void;
};

export type RunResult = { readonly code: number | null; readonly output: string };

/** Runs a program to its end and collects what it printed. Never waits longer than `timeout`. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const { onOutput, env, timeout = 120_000, ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...rest,
      env: (env ?? process.env) as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
      killSignal: "SIGKILL",
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-100_000);
      onOutput?.(chunk);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => reject(new SetupProblem(`Could not run ${command}: ${error.message}`)));
    child.on("close", (code) => resolve({ code, output }));
  });
}
