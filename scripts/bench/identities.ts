import pg from "pg";
import type { Cluster } from "../cluster/cluster";
import { fillCounts, fillGround, fillIdentities, withoutIndexes } from "./identities-data";
import { machine, print, type Row } from "./report";
import { compare, prepareSize, unsafeSettings, type Size } from "./sizes";

const sizes = [10_000, 100_000, 1_000_000];
/** Each person answers for so many: with more identities there are more people, and nobody owns more. */
const identitiesEach = 50;
const rounds = 60;

async function fill(cluster: Cluster, count: number): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.url("curfew") });
  await client.connect();
  try {
    const people = Math.ceil(count / identitiesEach);
    await fillGround(client, people);
    await withoutIndexes(client, () => fillIdentities(client, { from: 1, to: count, people }));
    await fillCounts(client);
    await client.query("vacuum analyze");
    await client.query("checkpoint");
    const { rows } = await client.query<{ size: string }>(
      "select pg_size_pretty(sum(pg_total_relation_size(t))) as size from unnest(array['identities', 'credentials', 'assignments']::regclass[]) t",
    );
    return `${count.toLocaleString("en-GB")} identities, ${rows[0]?.size ?? "?"}`;
  } finally {
    await client.end();
  }
}

/** The list of identities at growing sizes; answers whether every figure holds. `largest` stops earlier. */
export async function benchIdentities(largest: number): Promise<boolean> {
  const all: Size[] = [];
  try {
    for (const count of sizes.filter((each) => each <= largest)) {
      all.push(await prepareSize({ settings: unsafeSettings, fill: (cluster) => fill(cluster, count), asked: "scripts/bench/identities-asked.ts" }));
    }
    process.stdout.write(`${machine()}, PostgreSQL with ${unsafeSettings.shared_buffers} of memory; ${rounds} rounds, the sizes turn by turn\n\n`);
    const rows: Row[] = [];
    for (const what of all[0]?.questions.keys() ?? []) rows.push(...(await compare(all, what, rounds)));
    print(rows);
    return rows.every(({ holds }) => holds !== false);
  } finally {
    for (const { stop } of all) await stop();
  }
}
