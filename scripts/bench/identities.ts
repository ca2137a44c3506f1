import { randomBytes } from "node:crypto";
import { cpus, totalmem } from "node:os";
import pg from "pg";
import { migrate } from "../../lib/db/migrate";
import { startCluster, type Cluster } from "../cluster/cluster";
import { appSettings, prepareAppDatabase, type DatabaseUrls } from "../launch/app-database";
import { temporaryFolder } from "../test/temporary";
import { fillCounts, fillGround, fillIdentities, withoutIndexes } from "./identities-data";
import { percentile, print, timed, type Row } from "./report";

const sizes = [10_000, 100_000, 1_000_000];
const people = 2_000;
const rounds = 60;
const warmUp = 10;
/** What the whole answer may take beyond its own statements, and how much longer than at the smallest size. */
const allowanceMs = 40;
const mostGrowth = 2;
/** Below this many milliseconds a growth is the clock's and the scheduler's, not the data's. */
const floorMs = 10;

/** Filling need not survive a power cut; reading is the same with or without. */
const settings = { ...appSettings, fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_wal_size: "8GB", autovacuum: "off" } as const;

type Statement = { readonly text: string; readonly values: readonly unknown[] };
type Measure = { readonly what: string; readonly run: (round: number) => Promise<unknown> };

/** Runs something and keeps the statements that it sent to the database, as the product sends them. */
async function listened<Value>(run: () => Promise<Value>): Promise<{ ms: number; statements: Statement[] }> {
  const statements: Statement[] = [];
  const plain = pg.Client.prototype.query as (...parameters: unknown[]) => unknown;
  const listening = function (this: pg.Client, ...parameters: unknown[]) {
    const [first, second] = parameters as [string | { text?: string; values?: unknown }, unknown];
    const text = typeof first === "string" ? first : (first.text ?? "");
    const values = (typeof first === "string" ? undefined : first.values) ?? second;
    if (text !== "") statements.push({ text, values: Array.isArray(values) ? values : [] });
    return plain.apply(this, parameters);
  };
  Object.assign(pg.Client.prototype, { query: listening });
  try {
    const { ms } = await timed(run);
    return { ms, statements };
  } finally {
    Object.assign(pg.Client.prototype, { query: plain });
  }
}

/** The whole answer and its own statements alone, turn by turn, so that both meet the same machine. */
async function spans(client: pg.Client, run: (round: number) => Promise<unknown>): Promise<{ whole: number[]; alone: number[] }> {
  const whole: number[] = [];
  const alone: number[] = [];
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const { ms, statements } = await listened(() => run(round));
    const own = await timed(async () => {
      for (const { text, values } of statements) await client.query(text, [...values]);
    });
    if (round < warmUp) continue;
    whole.push(ms);
    alone.push(own.ms);
  }
  return { whole, alone };
}

/** What people do with the list; the loaders' own functions, from the parsed address to the rows that go to the browser. */
async function measures(): Promise<Measure[]> {
  const { listIdentities } = await import("@/lib/identities/views/list");
  const { identityListSchema } = await import("@/lib/identities/views/list-schema");
  const { readFacet } = await import("@/lib/identities/views/facets");
  const { facetDimensions } = await import("@/lib/identities/views/list-types");
  const { parseIdentityFilter } = await import("@/lib/identities/query");
  const { encodeCursor } = await import("@/lib/db/cursor");
  const { db } = await import("@/lib/db/client");
  const list = (query: string) => listIdentities(identityListSchema.parse(Object.fromEntries(new URLSearchParams(query))));
  const filled = async (query: string) => {
    const page = await list(query);
    if (page.rows.length === 0) throw new Error(`the benchmark found nothing for ${query}`);
    return page;
  };
  const [middle] = await db.$queryRaw<{ id: string; name: string }[]>`
    select id, sort_name as name from identities order by sort_name offset (select count(*) * 9 / 10 from identities) limit 1`;
  const deep = encodeCursor({ key: "name", direction: "asc" }, { value: middle?.name ?? "", id: middle?.id ?? "" });
  const [owner] = await db.$queryRaw<{ id: string }[]>`select owner_id::text as id from identities where owner_id is not null limit 1`;
  const scores = ["-exposure", "-staleness", "staleness"];
  return [
    { what: "first page", run: () => filled("") },
    { what: "page at nine tenths, by its cursor", run: () => filled(`after=${deep}`) },
    { what: "page before it, by its cursor", run: () => filled(`before=${deep}`) },
    { what: "sorted by a score", run: (round) => filled(`sort=${scores[round % scores.length]}`) },
    { what: "substring that 60 hold", run: () => filled("q=quokka") },
    { what: "substring that 1 in 500 holds", run: () => filled("q=arwha&sort=-exposure") },
    { what: "substring that 1 in 8 holds", run: () => filled("q=deploy-&sort=-lastActive") },
    { what: "two letters", run: () => filled("q=sv") },
    { what: "saved view: unowned in production, most exposed first", run: () => filled("state=unowned&environment=production&sort=-exposure") },
    { what: "saved view: one owner's, stalest first", run: () => filled(`owner=${owner?.id ?? ""}&sort=-staleness`) },
    { what: "facet counts, nothing filtered", run: (round) => readFacet(parseIdentityFilter(""), facetDimensions[round % facetDimensions.length] ?? "kind", "") },
    { what: "facet counts under a filter", run: (round) => readFacet(parseIdentityFilter("kind=bot&state=stale"), facetDimensions[round % 4] ?? "kind", "") },
    { what: "facet counts under a text", run: () => readFacet(parseIdentityFilter("q=billing"), "kind", "") },
  ];
}

type Before = Map<string, number>;

async function measureSize(client: pg.Client, count: number, first: Before): Promise<Row[]> {
  const { rows } = await client.query<{ size: string }>(
    "select pg_size_pretty(sum(pg_total_relation_size(t))) as size from unnest(array['identities', 'credentials', 'assignments']::regclass[]) t",
  );
  const data = `${count.toLocaleString("en-GB")} identities, ${rows[0]?.size ?? "?"}`;
  const found: Row[] = [];
  for (const { what, run } of await measures()) {
    const { whole, alone } = await spans(client, run);
    const p95 = percentile(whole, 0.95);
    const own = percentile(alone, 0.95);
    const base = first.get(what);
    if (base === undefined) first.set(what, p95);
    const most = base === undefined ? Infinity : Math.max(base, floorMs) * mostGrowth;
    found.push({
      what,
      size: data,
      figure: `p50 ${percentile(whole, 0.5).toFixed(1)} ms · p95 ${p95.toFixed(1)} ms`,
      limit: `own SQL p95 ${own.toFixed(1)} ms + ${allowanceMs} ms${base === undefined ? "" : `; ${mostGrowth} × ${Math.max(base, floorMs).toFixed(1)} ms`}`,
      holds: p95 <= own + allowanceMs && p95 <= most,
    });
  }
  return found;
}

async function fill(cluster: Cluster, from: number, to: number): Promise<void> {
  const client = new pg.Client({ connectionString: cluster.url("curfew") });
  await client.connect();
  try {
    if (from === 1) await fillGround(client, people);
    await withoutIndexes(client, () => fillIdentities(client, { from, to, people }));
    await fillCounts(client);
    await client.query("vacuum analyze");
    await client.query("checkpoint");
  } finally {
    await client.end();
  }
}

async function run(cluster: Cluster, urls: DatabaseUrls, largest: number): Promise<Row[]> {
  // Nobody signs in here; the product checks its environment as a whole.
  const nobody = { OIDC_ISSUER: "http://localhost:1", OIDC_CLIENT_ID: "bench", OIDC_CLIENT_SECRET: "bench", CURFEW_SECRET_KEY: randomBytes(32).toString("base64") };
  Object.assign(process.env, { ...nobody, DATABASE_URL: urls.appUrl, CURFEW_LOG_LEVEL: "error" });
  const client = new pg.Client({ connectionString: urls.appUrl });
  await client.connect();
  const first: Before = new Map();
  const rows: Row[] = [];
  try {
    let from = 1;
    for (const size of sizes.filter((each) => each <= largest)) {
      const { ms } = await timed(() => fill(cluster, from, size));
      process.stdout.write(`${size.toLocaleString("en-GB")} identities are there after ${(ms / 1000).toFixed(0)} s\n`);
      rows.push(...(await measureSize(client, size, first)));
      from = size + 1;
    }
  } finally {
    await client.end();
    const { db } = await import("@/lib/db/client");
    await db.$disconnect();
  }
  return rows;
}

/** The list of identities at growing sizes; answers whether every figure holds. `largest` stops earlier. */
export async function benchIdentities(largest: number): Promise<boolean> {
  const { folder, remove } = await temporaryFolder("bench");
  const cluster = await startCluster({ dataDir: folder, settings });
  try {
    const urls = await prepareAppDatabase(cluster, { ownerPassword: "bench-owner", appPassword: "bench-app", secretKey: "" });
    await migrate(urls);
    process.stdout.write(`${cpus().length} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.version}, PostgreSQL ${cluster.major}\n`);
    const rows = await run(cluster, urls, largest);
    process.stdout.write("\n");
    print(rows);
    return rows.every(({ holds }) => holds !== false);
  } finally {
    await cluster.stop();
    await remove();
  }
}
