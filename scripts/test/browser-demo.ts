import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const startPatience = 300_000;
/** The origin that tests pretend to be when they attack; being refused is what they want. */
const provoked = "https://evil.example";
/** Lines of faults that are said at the end, and characters of each. */
const mostFaults = 40;
const mostOfFault = 700;

/**
 * Starts the whole demo for the browser tests by the very launcher that users run: own data folder, own port, own
 * build. Specs find it by `baseURL`, and its data folder (accounts of the target, logs) by CURFEW_E2E_DATA_DIR.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const { folder, remove } = await temporaryFolder("browser-tests");
  const demo = launch(folder);
  process.env.CURFEW_E2E_DATA_DIR = folder;
  const teardown = async () => {
    await stop(demo);
    await sayFaults(folder);
    await remove();
  };
  try {
    await waitUntilReady(demo);
    return teardown;
  } catch (error) {
    await teardown();
    throw error;
  }
}

/** The logs go with the folder: what the product itself called a fault is said before, so that a failed test has its cause beside it. */
async function sayFaults(dataDir: string): Promise<void> {
  for (const name of ["web", "worker"]) {
    const text = await readFile(path.join(dataDir, "logs", `${name}.log`), "utf8").catch(() => "");
    const faults = text.split("\n").filter((line) => line.includes('"level":"error"') && !line.includes(provoked));
    for (const line of faults.slice(0, mostFaults)) console.log(`${name}: ${line.slice(0, mostOfFault)}`);
    if (faults.length > mostFaults) console.log(`${name}: and ${faults.length - mostFaults} faults more`);
  }
}

function launch(dataDir: string): ChildProcess {
  const launcher = path.join(root, "scripts/launch/main.ts");
  return spawn(process.execPath, ["--conditions=react-server", "--import", "tsx", launcher], {
    cwd: root,
    env: {
      ...environmentWithoutInstallation(),
      PORT: process.env.CURFEW_E2E_PORT,
      CURFEW_DATA_DIR: dataDir,
      CURFEW_DIST_DIR: ".next-test",
      CURFEW_TEST: "1",
    },
    // A terminal's Ctrl-C is ours to pass on.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The tests run on the demo also where a real installation is configured. */
function environmentWithoutInstallation(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (/^(DATABASE_URL|OIDC_|CURFEW_(?!E2E))/.test(name)) delete env[name];
  return env;
}

function waitUntilReady(demo: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = "";
    const timer = setTimeout(() => reject(new Error(`The demo was not ready in 5 minutes:\n${output}`)), startPatience);
    const collect = (chunk: Buffer) => {
      output += chunk.toString("utf8");
      if (!output.includes("Curfew is ready")) return;
      clearTimeout(timer);
      resolve();
    };
    demo.stdout?.on("data", collect);
    demo.stderr?.on("data", collect);
    demo.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`The demo ended with code ${code} before it was ready:\n${output}`));
    });
  });
}

function stop(demo: ChildProcess): Promise<void> {
  if (demo.exitCode !== null || demo.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => demo.kill("SIGKILL"), 60_000);
    demo.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    demo.kill("SIGTERM");
  });
}
