import { once } from "node:events";
import pg from "pg";
import type { Cluster } from "../../cluster/cluster";
import { appSettings } from "../../launch/app-database";
import { fillOrganisation, fillWaiting } from "./data";
import { benchLive } from "./live";
import { largeMemory, machine, print, type Row } from "../report";
import { compare, prepareSize, type Size } from "../sizes";

const sizes = [1_000, 100_000];
const rounds = 60;

/** Votes survive a power cut; only the filling need not. */
const settings = { ...appSettings, ...largeMemory, autovacuum: "off" } as const;

async function fill(cluster: Cluster, start: Size["start"], count: number): Promise<string> {
  const client = new pg.Client({ connectionString: cluster.url("curfew") });
  await client.connect();
  try {
    const identities = Math.ceil(count / 2);
    await client.query("set synchronous_commit = off");
    await fillOrganisation(client, identities);
    const [code] = await once(start("scripts/bench/approvals/templates.ts"), "exit");
    if (code !== 0) throw new Error("the requests to copy could not be submitted");
    await fillWaiting(client, { count, identities });
    await client.query("vacuum analyze");
    await client.query("checkpoint");
    const { rows } = await client.query<{ waiting: number; size: string }>(
      `select (select count(*)::int from requests where state = 'pending') as waiting,
         pg_size_pretty(sum(pg_total_relation_size(t))) as size from unnest(array['requests', 'request_entitlements', 'stages', 'stage_members', 'side_members', 'identities']::regclass[]) t`,
    );
    return `${rows[0]?.waiting.toLocaleString("en-GB") ?? "?"} waiting requests, ${rows[0]?.size ?? "?"}`;
  } finally {
    await client.end();
  }
}

/** The approver's queue, votes and live updates at growing numbers of waiting requests; answers whether every figure holds. `largest` stops earlier. */
export async function benchApprovals(largest: number): Promise<boolean> {
  const all: Size[] = [];
  try {
    for (const count of sizes.filter((each) => each <= largest)) {
      all.push(await prepareSize({ settings, fill: (cluster, start) => fill(cluster, start, count), asked: "scripts/bench/approvals/asked.ts" }));
    }
    process.stdout.write(`${machine()}, PostgreSQL with ${settings.shared_buffers} of memory, durable settings (fsync on); ${rounds} rounds, the sizes turn by turn\n\n`);
    const rows: Row[] = [];
    const questions = all[0]?.questions ?? [];
    for (const what of questions.keys()) rows.push(...(await compare(all, what, rounds)));
    // The last question is the vote that gives something.
    rows.push(...(await benchLive(all, questions.length - 1)));
    print(rows);
    return rows.every(({ holds }) => holds !== false);
  } finally {
    for (const { stop } of all) await stop();
  }
}
