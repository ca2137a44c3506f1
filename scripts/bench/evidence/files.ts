import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { z } from "zod";
import { temporaryFolder } from "../../test/temporary";
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
  bundle: measured,
});
const verifiedSchema = z.object({ ms: z.number(), mib: z.number(), held: z.number(), bytes: z.number(), hashMs: z.number(), first: z.string().nullable() });
/** What a process with a small heap tells of the files that it wrote. */
export type Written = z.infer<typeof writtenSchema>;
/** What another one tells that checked the bundle. */
export type Verified = z.infer<typeof verifiedSchema>;

const rate = (bytes: number, ms: number) => `${(bytes / 2 ** 20 / (ms / 1_000)).toFixed(1)} MiB/s`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

type Memory = { readonly mib: number; readonly held: number };

function memoryRows(size: string, what: string, now: Memory, before: Memory | null): Row[] {
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
    { what: "bundle of everything", size, figure: `${perSecond(bundle.ms)}, ${rate(bundle.bytes, bundle.ms)} (${mib(bundle.bytes)}, ${(bundle.ms / 1_000).toFixed(1)} s, ${busy})`, limit: "–", holds: null },
    ...memoryRows(size, "bundle", bundle, before?.bundle ?? null),
  ];
}

function verifiedRows({ ms, bytes, hashMs, first, ...memory }: Verified, size: string, before: Verified | null): Row[] {
  return [
    {
      what: "that bundle checked: all holds", size, limit: `– (${(ms / hashMs).toFixed(1)} × SHA-256 of the same ${mib(bytes)}, ${(hashMs / 1_000).toFixed(1)} s)`, holds: first === null,
      figure: `${rate(bytes, ms)} unpacked (${(ms / 1_000).toFixed(1)} s, ${load()})${first === null ? "" : `: ${first}`}`,
    },
    ...memoryRows(size, "bundle checked", memory, before),
  ];
}

/** What a file of the product tells that runs in a process of its own. */
async function toldBy(child: ChildProcess): Promise<unknown> {
  const ended = once(child, "exit");
  const told: unknown[] = await Promise.race([once(child, "message"), ended.then(() => [])]);
  await ended;
  return told[0];
}

/** Files of everything at growing sizes, written by a process with a small heap, and the bundle checked by another. */
export async function benchFiles(all: readonly Size[], tell: (rows: readonly Row[]) => void): Promise<void> {
  let [before, checkedBefore]: [Written | null, Verified | null] = [null, null];
  for (const { data, start } of all) {
    const { folder, remove } = await temporaryFolder("bench");
    try {
      const file = path.join(folder, "bundle.zip");
      const written = writtenSchema.safeParse(await toldBy(start("scripts/bench/evidence/files-asked.ts", { flags: smallHeap, parameters: [file] }))).data;
      if (!written) throw new Error(`the files of ${data} could not be written`);
      tell(rowsOf(written, data, before));
      const verified = verifiedSchema.safeParse(await toldBy(start("scripts/bench/evidence/verified-asked.ts", { flags: smallHeap, parameters: [file] }))).data;
      if (!verified) throw new Error(`the bundle of ${data} could not be checked`);
      tell(verifiedRows(verified, data, checkedBefore));
      [before, checkedBefore] = [written, verified];
    } finally {
      await remove();
    }
  }
}

const rowSchema = z.object({ what: z.string(), size: z.string(), figure: z.string(), limit: z.string(), holds: z.boolean().nullable() });

/** Appending to the largest ledger against the same transactions without it. */
export async function benchAppend(all: readonly Size[], tell: (rows: readonly Row[]) => void): Promise<void> {
  const largest = all.at(-1);
  if (!largest) return;
  const rows = z.array(rowSchema).parse(await toldBy(largest.start("scripts/bench/evidence/append-asked.ts")));
  tell(rows.map((row) => ({ ...row, size: `${row.size}; ${largest.data}` })));
}
