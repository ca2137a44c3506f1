import { once } from "node:events";
import { z } from "zod";
import { smallHeap } from "../memory";
import { load, percentile, spread, type Row } from "../report";
import { floorMs, mostGrowth, type Size } from "../sizes";

/** Building and reading the log may take so many times what reading and hashing the same bytes takes. */
const mostOfPlain = 3;
const flatMiB = 120;

const times = z.array(z.number());
const toldSchema = z.object({
  build: z.object({ ms: z.number(), plainMs: z.number() }),
  nightly: z.object({ ms: z.number(), plainMs: z.number(), mib: z.number(), events: z.number(), bytes: z.number() }),
  sign: times, inclusion: times, consistency: times,
});
/** What a process tells that built, signed and read the log of one size; milliseconds. */
export type Log = z.infer<typeof toldSchema>;

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

function rowsOf({ build, nightly, ...short }: Log, size: string, smallest: Log | null, before: Log | null): Row[] {
  const steady = (what: string, name: "sign" | "inclusion" | "consistency"): Row => {
    const p95 = percentile(short[name], 0.95);
    const base = smallest && Math.max(percentile(smallest[name], 0.95), floorMs);
    return { what, size, figure: `p95 ${p95.toFixed(1)} ms, ${spread(short[name])}, ${load()}`, limit: base === null ? "–" : `${mostGrowth} × ${base.toFixed(1)} ms`, holds: base === null ? null : p95 <= mostGrowth * base };
  };
  return [
    { what: "tree over a ledger that has none, and its checkpoint", size, figure: `${seconds(build.ms)}, ${load()}`, limit: `${mostOfPlain} × ${seconds(build.plainMs)}: reading the leaf hashes, and as many hashes of two`, holds: build.ms <= mostOfPlain * build.plainMs },
    steady("checkpoint after one more event", "sign"),
    steady("inclusion proof, any position", "inclusion"),
    steady("consistency proof, from any size", "consistency"),
    { what: "the nightly reading of everything", size, figure: `${seconds(nightly.ms)}, ${Math.round(nightly.events / (nightly.ms / 1_000)).toLocaleString("en-GB")} events/s, ${load()}`, limit: `${mostOfPlain} × ${seconds(nightly.plainMs)}: reading the same bytes in order, SHA-256 of each event`, holds: nightly.ms <= mostOfPlain * nightly.plainMs },
    { what: "the nightly reading, memory at its peak", size, figure: `${nightly.mib.toFixed(0)} MiB`, limit: before === null ? "–" : `with a tenth of it ${before.nightly.mib.toFixed(0)} MiB + ${flatMiB} MiB`, holds: before === null ? null : nightly.mib <= before.nightly.mib + flatMiB },
  ];
}

/** The tree, its proofs and the nightly reading at growing sizes. */
export async function benchLog(all: readonly Size[], tell: (rows: readonly Row[]) => void): Promise<void> {
  const told: Log[] = [];
  for (const { data, start } of all) {
    const child = start("scripts/bench/evidence/log-asked.ts", { flags: smallHeap });
    const ended = once(child, "exit");
    const answer: unknown[] = await Promise.race([once(child, "message"), ended.then(() => [])]);
    await ended;
    const log = toldSchema.safeParse(answer[0]).data;
    if (!log) throw new Error(`the log of ${data} could not be measured`);
    tell(rowsOf(log, data, told[0] ?? null, told.at(-1) ?? null));
    told.push(log);
  }
}
