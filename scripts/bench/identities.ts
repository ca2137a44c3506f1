import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import pg from "pg";
import { z } from "zod";
import { migrate } from "../../lib/db/migrate";
import { startCluster, type Cluster } from "../cluster/cluster";
import { appSettings, prepareAppDatabase } from "../launch/app-database";
import { typescriptFlags } from "../launch/programs";
import { temporaryFolder } from "../test/temporary";
import { fillCounts, fillGround, fillIdentities, withoutIndexes } from "./identities-data";
import { largeMemory, load, machine, percentile, print, timed, type Row } from "./report";

const sizes = [10_000, 100_000, 1_000_000];
/** Each person answers for so many: with more identities there are more people, and nobody owns more. */
const identitiesEach = 50;
const rounds = 60;
const warmUp = 10;
/** What the whole answer may take beyond its own statements, and how much longer than at the smallest size. */
const allowanceMs = 40;
const mostGrowth = 2;
/** Below this many milliseconds a growth is the clock's and the scheduler's, not the data's. */
const floorMs = 10;

/** Filling need not survive a power cut; reading is the same with or without. */
const settings = { ...appSettings, ...largeMemory, fsync: "off", synchronous_commit: "off", full_page_writes: "off", autovacuum: "off" } as const;

/** What a process that holds one size is asked, and what it tells: milliseconds of the whole answer and of its statements alone. */
export type Ask = { readonly what: number; readonly round: number };
export type Told = { readonly whole: number; readonly own: number };

const namesSchema = z.array(z.string());
const toldSchema = z.object({ whole: z.number(), own: z.number() });

/** One size: a cluster of its own and a process of the product over it. */
type Size = { readonly data: string; readonly asked: ChildProcess; readonly questions: readonly string[]; readonly stop: () => Promise<void> };

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

async function prepare(count: number): Promise<Size> {
  const { folder, remove } = await temporaryFolder("bench");
  const cluster = await startCluster({ dataDir: folder, settings });
  const urls = await prepareAppDatabase(cluster, { ownerPassword: "bench-owner", appPassword: "bench-app", secretKey: "" });
  await migrate(urls);
  const { ms, value: data } = await timed(() => fill(cluster, count));
  process.stdout.write(`${data} are there after ${(ms / 1000).toFixed(0)} s\n`);
  // Nobody signs in here; the product checks its environment as a whole.
  const nobody = { OIDC_ISSUER: "http://localhost:1", OIDC_CLIENT_ID: "bench", OIDC_CLIENT_SECRET: "bench", CURFEW_SECRET_KEY: randomBytes(32).toString("base64") };
  const asked = fork("scripts/bench/identities-asked.ts", { execArgv: [...typescriptFlags], env: { ...process.env, ...nobody, DATABASE_URL: urls.appUrl, CURFEW_LOG_LEVEL: "error" } });
  const [names] = await once(asked, "message");
  const stop = async () => {
    asked.kill("SIGTERM");
    await cluster.stop();
    await remove();
  };
  return { data, asked, questions: namesSchema.parse(names), stop };
}

async function ask({ asked }: Size, question: Ask): Promise<Told> {
  const told = once(asked, "message");
  asked.send(question);
  return toldSchema.parse((await told)[0]);
}

/** One question at all sizes, turn by turn: whatever else the machine does, it does to all of them. */
async function compare(all: readonly Size[], what: number): Promise<Row[]> {
  const told = all.map((): Told[] => []);
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const [at, size] of all.entries()) {
      const answer = await ask(size, { what, round });
      if (round >= warmUp) told[at]?.push(answer);
    }
  }
  const busy = load();
  const smallest = percentile((told[0] ?? []).map(({ whole }) => whole), 0.95);
  return all.map(({ data, questions }, at) => {
    const whole = (told[at] ?? []).map((each) => each.whole);
    const own = percentile((told[at] ?? []).map((each) => each.own), 0.95);
    const p95 = percentile(whole, 0.95);
    const base = Math.max(smallest, floorMs);
    return {
      what: questions[what] ?? "?",
      size: data,
      figure: `p50 ${percentile(whole, 0.5).toFixed(1)} ms · p95 ${p95.toFixed(1)} ms, ${busy}`,
      limit: `own SQL p95 ${own.toFixed(1)} ms + ${allowanceMs} ms${at === 0 ? "" : `; ${mostGrowth} × ${base.toFixed(1)} ms`}`,
      holds: p95 <= own + allowanceMs && (at === 0 || p95 <= base * mostGrowth),
    };
  });
}

/** The list of identities at growing sizes; answers whether every figure holds. `largest` stops earlier. */
export async function benchIdentities(largest: number): Promise<boolean> {
  const all: Size[] = [];
  try {
    for (const count of sizes.filter((each) => each <= largest)) all.push(await prepare(count));
    process.stdout.write(`${machine()}, PostgreSQL with ${settings.shared_buffers} of memory; ${rounds} rounds, the sizes turn by turn\n\n`);
    const rows: Row[] = [];
    for (const what of all[0]?.questions.keys() ?? []) rows.push(...(await compare(all, what)));
    print(rows);
    return rows.every(({ holds }) => holds !== false);
  } finally {
    for (const { stop } of all) await stop();
  }
}
