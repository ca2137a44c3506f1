import path from "node:path";
import { fileURLToPath } from "node:url";
import { startCurfew, type RunningCurfew } from "./curfew";
import { describeProblems, planStart } from "./environment";
import { describeFailure } from "../system/problem";
import { say, sayReady, seconds, surviveClosedTerminal } from "./terminal";

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const dev = process.argv.includes("--dev");
/** A terminal's Ctrl-C arrives twice (from the terminal and forwarded by npm): only a later one means "now!". */
const samePress = 1_000;

async function main(): Promise<number> {
  process.umask(0o077);
  surviveClosedTerminal();
  const unknown = process.argv.slice(2).filter((argument) => argument !== "--dev" && argument !== "start");
  if (unknown.length > 0) {
    console.error(`Expected nothing or --dev; got ${unknown.join(" ")}. Everything else is set by variables, see README.`);
    return 1;
  }
  const reading = planStart(process.env);
  if (!reading.ok) {
    console.error(describeProblems(reading.problems));
    return 1;
  }
  const { plan } = reading;
  const stop = stopRequest();
  say(`\n  curfew${dev ? " (development)" : ""}${plan.mode === "demo" ? " demo" : ""}\n`);
  let running: RunningCurfew;
  try {
    running = await startCurfew({ plan, root, dev, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) {
      say("\n  Stopped before it was ready.");
      return 0;
    }
    console.error(`\n${describeFailure(error)}`);
    return 1;
  }
  if (!stop.signal.aborted) sayReady(plan.url, plan.mode, plan.dataDir);
  await stop.asked;
  await stopInOrder(running);
  return 0;
}

async function stopInOrder(running: RunningCurfew): Promise<void> {
  const started = Date.now();
  const names: string[] = [];
  say("\n  Stopping…");
  await running.stop((name) => names.push(name));
  say(`  Stopped ${names.join(", ")} in ${seconds(Date.now() - started)}. Your data is kept.`);
}

/** Turns signals, and the death of whoever started us, into one request to stop. */
function stopRequest(): { readonly signal: AbortSignal; readonly asked: Promise<void> } {
  const controller = new AbortController();
  const asked = new Promise<void>((resolve) => controller.signal.addEventListener("abort", () => resolve(), { once: true }));
  let first = 0;
  const ask = () => {
    if (!controller.signal.aborted) {
      first = Date.now();
      controller.abort();
    } else if (Date.now() - first > samePress) {
      console.error("\n  Stopped at once; the next start cleans up.");
      process.exit(1);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && !controller.signal.aborted && ask(), 1_000).unref();
  return { signal: controller.signal, asked };
}

process.exit(await main());
