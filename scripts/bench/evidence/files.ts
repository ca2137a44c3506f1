import { once } from "node:events";
import { z } from "zod";
import { heapMiB, smallHeap } from "../memory";
import { load, type Row } from "../report";
import type { Size } from "../sizes";

/** Ten times the rows may take this many MiB more at their peak, which has what is not yet collected and what the allocator keeps. */
const flatMiB = 120;
/** And this many more of what is held while the last byte is written. */
const heldMiB = 16;
/** A file may take so many times what COPY takes for the same rows, and this much for its start. */
const mostOfCopy = 1.5;
const startMs = 200;

const measured = z.object({ ms: z.number(), bytes: z.number(), mib: z.number(), held: z.number() });
const writtenSchema = z.object({
  rows: z.number(),
  csv: measured,
  copy: z.object({ ms: z.number() }),
  bundle: measured.extend({ treeMs: z.number(), hashMs: z.number(), verify: z.object({ ms: z.number(), mib: z.number(), first: z.string().nullable() }) }),
});
/** What a process with a small heap tells of the files that it wrote. */
export type Written = z.infer<typeof writtenSchema>;

const rate = (bytes: number, ms: number) => `${(bytes / 2 ** 20 / (ms / 1_000)).toFixed(1)} MiB/s`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function memoryRows(size: string, what: string, now: z.infer<typeof measured>, before: z.infer<typeof measured> | null): Row[] {
  const row = (words: string, value: number, than: number | undefined, more: number): Row => ({
    what: `${what}, ${words}`, size, figure: `${value.toFixed(0)} MiB`,
    limit: than === undefined ? `a heap of ${heapMiB} MiB` : `with a tenth of it ${than.toFixed(0)} MiB + ${more} MiB`,
    holds: than === undefined ? null : value <= than + more,
  });
  return [row("held at its last byte", now.held, before?.held, heldMiB), row("memory at its peak", now.mib, before?.mib, flatMiB)];
}

function rowsOf({ rows, csv, copy, bundle }: Written, size: string, before: Written | null): Row[] {
  const perSecond = (ms: number) => `${Math.round(rows / (ms / 1_000)).toLocaleString("en-GB")} rows/s`;
  const busy = load();
  return [
    { what: "CSV of everything", size, figure: `${perSecond(csv.ms)}, ${rate(csv.bytes, csv.ms)} (${mib(csv.bytes)}, ${(csv.ms / 1_000).toFixed(1)} s, ${busy})`, limit: `${mostOfCopy} × COPY of the same rows, ${(copy.ms / 1_000).toFixed(1)} s`, holds: csv.ms <= copy.ms * mostOfCopy + startMs },
    ...memoryRows(size, "CSV", csv, before?.csv ?? null),
    { what: "checkpoint over a ledger that has none", size, figure: `${(bundle.treeMs / 1_000).toFixed(1)} s`, limit: "–", holds: null },
    { what: "bundle of everything", size, figure: `${perSecond(bundle.ms)}, ${rate(bundle.bytes, bundle.ms)} (${mib(bundle.bytes)}, ${(bundle.ms / 1_000).toFixed(1)} s, ${busy})`, limit: "–", holds: null },
    ...memoryRows(size, "bundle", bundle, before?.bundle ?? null),
    {
      what: "that bundle checked", size, limit: `SHA-256 of the same bytes ${(bundle.hashMs / 1_000).toFixed(2)} s`, holds: null,
      figure: `${rate(bundle.bytes, bundle.verify.ms)} (${(bundle.verify.ms / 1_000).toFixed(1)} s, ${bundle.verify.mib.toFixed(0)} MiB)${bundle.verify.first === null ? "" : `; made-up events: ${bundle.verify.first}`}`,
    },
  ];
}

/** Files of everything at growing sizes, each written by a process with a small heap. */
export async function benchFiles(all: readonly Size[]): Promise<Row[]> {
  const rows: Row[] = [];
  let before: Written | null = null;
  for (const { data, start } of all) {
    const child = start("scripts/bench/evidence/files-asked.ts", smallHeap);
    const ended = once(child, "exit");
    const told: unknown[] = await Promise.race([once(child, "message"), ended.then(() => [])]);
    await ended;
    const written = writtenSchema.safeParse(told[0]);
    if (!written.success) throw new Error(`the files of ${data} could not be written`);
    rows.push(...rowsOf(written.data, data, before));
    before = written.data;
  }
  return rows;
}
