import path from "node:path";
import { pathToFileURL } from "node:url";
import { logFile, type Folders } from "./folders";
import type { PartEnvironment } from "./parts";
import type { Program } from "./supervisor";

export type ProgramContext = {
  readonly root: string;
  readonly folders: Folders;
  readonly env: PartEnvironment;
  readonly distDir: string;
  readonly dev: boolean;
};

/** Node's flags for TypeScript outside Next: the condition makes `server-only` an empty module. */
export const typescriptFlags = ["--conditions=react-server", "--import", "tsx"] as const;

/** Arguments of the web server; loopback only, a reverse proxy stands before a real one. */
export function webArguments(root: string, port: string, dev: boolean): string[] {
  const limits = pathToFileURL(path.join(root, "scripts/system/http-limits.mjs")).href;
  return ["--import", limits, path.join(root, "node_modules/next/dist/bin/next"), dev ? "dev" : "start", "-H", "127.0.0.1", "-p", port];
}

/** The environment of a process of ours: what it needs of our own, and never the owner's sign-in to the database. */
export function environmentFor(env: PartEnvironment, distDir: string, dev: boolean): Record<string, string | undefined> {
  return {
    ...process.env,
    ...env,
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    CURFEW_DIST_DIR: distDir,
    CURFEW_MIGRATE_URL: undefined,
  };
}

/** The web server. */
export async function webProgram(context: ProgramContext): Promise<Program> {
  const { root, env, dev } = context;
  return program(context, "web", webArguments(root, env["PORT"] ?? "3000", dev), 8_000);
}

/** The worker; in development it starts again when a file of it changes. */
export async function workerProgram(context: ProgramContext): Promise<Program> {
  const watch = context.dev ? ["--watch"] : [];
  return program(context, "worker", [...watch, ...typescriptFlags, path.join(context.root, "lib/worker/main.ts")], 12_000);
}

/** The demo's identity provider. */
export async function providerProgram(context: ProgramContext, settingsFile: string): Promise<Program> {
  const file = path.join(context.root, "scripts/demo/identity-provider.ts");
  const made = await program(context, "identity-provider", [...typescriptFlags, file], 3_000);
  return { ...made, env: { ...bare(), CURFEW_DEMO_IDENTITY_PROVIDER: settingsFile } };
}

/** The demo's service accounts at work. */
export async function trafficProgram(context: ProgramContext, targetFile: string): Promise<Program> {
  const file = path.join(context.root, "scripts/demo/traffic.ts");
  const made = await program(context, "traffic", [...typescriptFlags, file], 3_000);
  return { ...made, env: { ...bare(), CURFEW_DEMO_TARGET_FILE: targetFile } };
}

/** Programs beside Curfew get none of its secrets. */
function bare(): Record<string, string | undefined> {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  return { PATH, HOME, LANG, TMPDIR, NODE_ENV: "production" };
}

async function program(context: ProgramContext, name: string, args: readonly string[], patience: number): Promise<Program> {
  const { root, folders, env, distDir, dev } = context;
  const follow = pathToFileURL(path.join(root, "scripts/launch/follow-parent.mjs")).href;
  return {
    name,
    args: ["--import", follow, ...args],
    env: environmentFor(env, distDir, dev),
    cwd: root,
    logFile: await logFile(folders, name),
    patience,
  };
}
