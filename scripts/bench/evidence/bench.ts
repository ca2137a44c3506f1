import pg from "pg";
import type { Cluster } from "../../cluster/cluster";
import { writeSingleFile } from "../../verify/single-file.mjs";
import { machine, printHead, printRows, type Row } from "../report";
import { compare, prepareSize, unsafeSettings, type Size } from "../sizes";
import { fillEvidence } from "./data";
import { benchAppend, benchFiles } from "./files";
import { benchLog } from "./log";
import { benchVerify } from "./verify";

const sizes = [10_000, 100_000, 1_000_000];
const rounds = 30;

const tables = "array['requests', 'request_entitlements', 'grants', 'votes', 'decisions', 'uses', 'findings', 'chain_checks', 'evidence_marks', 'ledger.event', 'ledger.subject', 'ledger.entry_0', 'ledger.entry_1']::regclass[]";

async function fill(cluster: Cluster, chains: number): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.url("curfew") });
  await client.connect();
  try {
    await fillEvidence(client, chains);
    await client.query("vacuum analyze");
    await client.query("checkpoint");
    const { rows } = await client.query<{ events: string; size: string }>(`select (select size from ledger.head)::text as events, pg_size_pretty(sum(pg_total_relation_size(t))) as size from unnest(${tables}) t`);
    return `${chains.toLocaleString("en-GB")} chains, ${Number(rows[0]?.events).toLocaleString("en-GB")} events, ${rows[0]?.size ?? "?"}`;
  } finally {
    await client.end();
  }
}

/** The log, files against plain COPY and plain SHA-256, the explorer's pages and series, and appending, at growing sizes; each row is printed when it was measured. Answers whether every figure holds. `largest` stops earlier. */
export async function benchEvidence(largest: number): Promise<boolean> {
  // Each bundle brings it.
  writeSingleFile();
  const all: Size[] = [];
  try {
    for (const count of sizes.filter((each) => each <= largest)) {
      all.push(await prepareSize({ settings: unsafeSettings, fill: (cluster) => fill(cluster, count), asked: "scripts/bench/evidence/asked.ts" }));
    }
    process.stdout.write(`${machine()}, PostgreSQL with ${unsafeSettings.shared_buffers} of memory; ${rounds} rounds, the sizes turn by turn\n\n`);
    const rows: Row[] = [];
    const tell = (measured: readonly Row[]) => {
      rows.push(...measured);
      printRows(measured);
    };
    printHead();
    await benchLog(all, tell);
    await benchFiles(all, tell);
    await benchVerify(10 * Math.min(largest, 100_000), tell);
    const series = all[0]?.questions.find((what) => what.startsWith("series of everything"));
    for (const [what, name] of all[0]?.questions.entries() ?? []) tell(await compare(all, what, rounds, name.startsWith("series") && name !== series ? series : undefined));
    await benchAppend(all, tell);
    return rows.every(({ holds }) => holds !== false);
  } finally {
    for (const { stop } of all) await stop();
  }
}
