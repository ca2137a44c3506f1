import { cpus, loadavg, totalmem } from "node:os";

/** What a server with a million identities gives its database; PostgreSQL's own default of 128 MB holds not one of its indexes. */
export const largeMemory = { shared_buffers: "2GB", max_wal_size: "8GB" } as const;

/** The machine that figures come from. */
export function machine(): string {
  return `${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}`;
}

/** How many programs want to run at this moment, on average over a minute: with more of them than cores, figures are those of a busy machine. */
export function load(): string {
  return `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
}

/** One printed row: what, how much data, the figure, and the limit that it is held against in the same run. */
export type Row = { readonly what: string; readonly size: string; readonly figure: string; readonly limit: string; readonly holds: boolean | null };

/** The value below which a share of the sorted samples lies (nearest rank). */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

/** Milliseconds as p50 and p99. */
export function spread(samples: readonly number[]): string {
  return `p50 ${percentile(samples, 0.5).toFixed(1)} ms · p99 ${percentile(samples, 0.99).toFixed(1)} ms`;
}

const out = (text: string) => process.stdout.write(`${text}\n`);

/** Begins a table of rows that are printed as they are measured. */
export function printHead(): void {
  out("| what | data | figure | limit in the same run | holds |");
  out("|---|---|---|---|---|");
}

/** Rows of that table. */
export function printRows(rows: readonly Row[]): void {
  for (const { what, size, figure, limit, holds } of rows) {
    out(`| ${what} | ${size} | ${figure} | ${limit} | ${holds === null ? "–" : holds ? "yes" : "NO"} |`);
  }
}

/** Prints rows as a table that can be pasted into a document. */
export function print(rows: readonly Row[]): void {
  printHead();
  printRows(rows);
}

/** Time that one call takes, in milliseconds. */
export async function timed<Value>(work: () => Promise<Value>): Promise<{ ms: number; value: Value }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

/** Runs work for each item, a number of them at a time. */
export async function inParallel<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>): Promise<void> {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
    }),
  );
}
