import { spawn } from "node:child_process";
import { load, timed } from "./report";

/**
 * What the process may use as its heap, in MiB. With the gigabytes that Node allows itself on a large machine it collects late, and
 * its peak says how late; with this, whatever is kept for each line ends the run.
 */
export const heapMiB = 256;
/** A process with that heap whose collections can be asked for. */
export const smallHeap = [`--max-old-space-size=${heapMiB}`, "--expose-gc"] as const;

/** Runs something with a small heap: here where this process has one, else by the same command again; answers whether it went well. */
export async function inSmallHeap(work: () => Promise<boolean>): Promise<boolean> {
  if (smallHeap.every((flag) => process.execArgv.includes(flag))) return work();
  const child = spawn(process.execPath, [...smallHeap, ...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return code === 0;
}

/** MiB that are held at this moment: heap and buffers that a collection leaves. */
export function held(): number {
  if (!globalThis.gc) throw new Error("what is held is known only where collections can be asked for");
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

export type Peak = { readonly ms: number; readonly mib: number; readonly busy: string };

/** Time that something takes, and the most memory that the process has while it runs (resident set). */
export async function peak(work: () => Promise<unknown>): Promise<Peak> {
  let most = 0;
  const look = () => (most = Math.max(most, process.memoryUsage().rss));
  const timer = setInterval(look, 50);
  try {
    look();
    const { ms } = await timed(work);
    look();
    return { ms, mib: most / 2 ** 20, busy: load() };
  } finally {
    clearInterval(timer);
  }
}
