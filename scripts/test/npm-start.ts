import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";

/** One run of `scripts/start.mjs`, watched from outside as a terminal would see it. */
export type StartedProgram = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** What it has printed so far. */
  readonly output: () => string;
  readonly ended: Promise<number | null>;
};

/** Runs what an npm script runs, with nothing of Curfew's variables but the given ones and the tests' build folder. */
export function npmStart(args: readonly string[], variables: Readonly<Record<string, string | undefined>>): StartedProgram {
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(env)) if (/^(DATABASE_URL|OIDC_|CURFEW_|PORT$)/.test(name)) delete env[name];
  Object.assign(env, { CURFEW_DIST_DIR: ".next-test" }, variables);
  for (const [name, value] of Object.entries(variables)) if (value === undefined) delete env[name];
  const child = spawn(process.execPath, ["scripts/start.mjs", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  const collect = (chunk: Buffer) => (text += chunk.toString("utf8"));
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  return { child, output: () => text, ended };
}
