import { randomBytes, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { migrate } from "../../lib/db/migrate";
import { startCluster } from "../cluster/cluster";
import { appSettings, prepareAppDatabase, type DatabaseUrls } from "../launch/app-database";
import { temporaryFolder } from "../test/temporary";
import { heapMiB, held, inSmallHeap, peak, type Peak } from "./memory";
import { largeMemory, machine, printHead, printRows, type Row } from "./report";

const sizes = [100_000, 1_000_000];
/** Ten times the lines may take this many MiB more of what is held while the last line is read. */
const heldMiB = 16;
const linesPerPiece = 500;
/** Of 40 logins the first 30 are credentials of sessions that lived the whole time; the others nobody issued. */
const [logins, issued] = [40, 30] as const;
const settings = { ...appSettings, ...largeMemory } as const;

const perConnection = 200;

/** A connection of some hundred statements after the other, each a line of PostgreSQL's jsonlog. */
function lineOf(n: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + n * 250).toISOString().replace("T", " ").replace("Z", " UTC");
  const connection = Math.floor(n / perConnection);
  const message = n % perConnection === 0 ? `connection authorized: user=svc_${connection % logins} database=orders` : `statement: select id, total from sales.orders_${n % 60} o join sales.items i on i.order_id = o.id where o.id = ${n}`;
  return `{"timestamp":"${time}","user":"svc_${connection % logins}","dbname":"orders","pid":${connection},"remote_host":"10.0.0.${connection % 250}","session_id":"${(1_767_225_600 + connection).toString(16)}.${connection.toString(16)}","line_num":${(n % perConnection) + 1},"error_severity":"LOG","message":"${message}","application_name":"job","backend_type":"client backend"}\n`;
}

/** A log that is never there as a whole. `atEnd` is called when its last piece was taken. */
async function* log(lines: number, atEnd: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < lines; from += linesPerPiece) {
    let piece = "";
    for (let n = from; n < Math.min(lines, from + linesPerPiece); n += 1) piece += lineOf(n);
    yield await Promise.resolve(Buffer.from(piece));
  }
  atEnd();
}

async function makeSessions(systemId: string): Promise<void> {
  const { db } = await import("@/lib/db/client");
  await db.$executeRaw`
    with i as (insert into identities (id, name, kind, environment, state, source, system_id, external_key, first_seen_at, last_seen_at, visible_since, scored_at, sort_name, search_text)
        values (gen_random_uuid(), 'svc', 'bot', 'production', 'unowned', 'import', ${systemId}::uuid, ${systemId}, now(), now(), now(), now(), 'svc', 'svc') returning id),
      e as (insert into entitlements (id, system_id, name, description, target, actions, sensitivity, purposes, created_at)
        values (gen_random_uuid(), ${systemId}::uuid, 'read', '', '{}', '{}', 'low', '{}', now()) returning id),
      r as (insert into requests (id, identity_id, requester_identity_id, purpose, duration_seconds, granted_duration_seconds, state, submitted_at, decide_before, shape)
        select gen_random_uuid(), i.id, i.id, 'bench', 3600, 3600, 'approved', '2026-01-01', '2026-01-02', '' from i cross join generate_series(1, ${issued}::int) returning id, identity_id)
    insert into grants (id, request_id, entitlement_id, identity_id, system_id, state, duration_seconds, created_at, activate_before, handle_name, issue_started_at, activated_at, not_after)
    select gen_random_uuid(), r.id, e.id, r.identity_id, ${systemId}::uuid, 'active', 3600, '2025-12-31', '2027-01-01', 'svc_' || (row_number() over () - 1), '2025-12-31', '2025-12-31', '2027-01-01' from r cross join e`;
}

/** The same lines as plain text into a table, and each read as JSON and nothing else. */
async function plainly(url: string, lines: number): Promise<{ readonly copied: Peak; readonly read: Peak }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("create table public.bench_lines (line text)");
    const copied = await peak(() => pipeline(Readable.from(log(lines)), client.query(copyFrom("copy public.bench_lines from stdin with (format csv, quote e'\\x01', delimiter e'\\x02')"))));
    await client.query("drop table public.bench_lines");
    const read = await peak(async () => {
      for await (const piece of log(lines)) for (const line of Buffer.from(piece).toString("utf8").split("\n")) if (line !== "") JSON.parse(line);
    });
    return { copied, read };
  } finally {
    await client.end();
  }
}

const perSecond = (lines: number, ms: number) => `${Math.round((lines * 1000) / ms).toLocaleString("en-GB")} lines/s`;

type Measured = { readonly held: number; readonly rows: Row[] };

async function measure(urls: DatabaseUrls, lines: number, before: number | null): Promise<Measured> {
  const { makeSource } = await import("@/lib/uses/mutations");
  const { receiveLog } = await import("@/lib/uses/intake");
  const { readLog } = await import("@/lib/uses/formats/read");
  const { registerPerson } = await import("@/lib/people/registration");
  const { db } = await import("@/lib/db/client");
  const personId = await registerPerson({ issuer: "https://bench.example.com", subject: `bench-${lines}`, name: "Bench", email: null }, { actor: { kind: "system", process: "seed" } });
  const actor = { kind: "person", personId, name: "Bench", roles: ["administrator"] } as const;
  const systemId = randomUUID();
  await db.system.create({ data: { id: systemId, name: `bench ${lines}`, connector: "files@1", environment: "production", config: {}, createdAt: new Date() } });
  const made = await makeSource({ actor, input: { systemId, name: "log", format: "postgres-jsonlog" } });
  if (!made.ok) throw new Error(made.code);
  const { sourceId } = made.value;
  await makeSessions(systemId);
  const plain = await plainly(urls.ownerUrl, lines);
  const parsed = await peak(async () => {
    let uses = 0;
    for await (const line of readLog(log(lines), "postgres-jsonlog", { received: 0, read: 0 })) uses += "uses" in line ? line.uses.length : 0;
    if (uses !== lines) throw new Error(`${uses} uses were read of ${lines}`);
  });
  let atEnd = 0;
  const take = (name: string) => async () => {
    const received = await receiveLog({ actor, sourceId, name, body: log(lines, () => (atEnd = held())) });
    if (!received.ok || received.value.state !== "complete") throw new Error("the benchmark's log was not taken");
  };
  const taken = await peak(take("bench.json"));
  // Ten times the lines twice would take an hour and say nothing more.
  const again = before === null ? await peak(take("again.json")) : null;
  if ((await db.use.count({ where: { sourceId } })) !== lines) throw new Error("a line that came twice is there twice");
  const exact = await db.use.count({ where: { sourceId, match: "exact", rule: "issued-login" } });
  const ofSessions = Array.from({ length: Math.ceil(lines / perConnection) }, (_, connection) => (connection % logins < issued ? Math.min(perConnection, lines - connection * perConnection) : 0));
  const expected = ofSessions.reduce((sum, count) => sum + count, 0);
  const size = `${lines.toLocaleString("en-GB")} lines`;
  const row = (what: string, { ms, busy }: Peak, beside?: Peak): Row => ({
    what, size, figure: `${perSecond(lines, ms)} (${(ms / 1000).toFixed(1)} s, ${busy})${beside ? `, ${(ms / beside.ms).toFixed(1)} times the plain one` : ""}`, limit: "–", holds: null,
  });
  const limit = before === null ? "–" : `with ${sizes[0]?.toLocaleString("en-GB")} lines ${before.toFixed(0)} MiB + ${heldMiB} MiB`;
  return {
    held: atEnd,
    rows: [
      row("the same lines by COPY, one column of text", plain.copied),
      row("the same lines by JSON.parse", plain.read),
      row("log parsed", parsed, plain.read),
      row("log taken: parsed, scanned for secrets, matched, kept", taken, plain.copied),
      ...(again ? [row("the same log again: nothing is kept twice", again)] : []),
      { what: "uses that are matched exactly", size, figure: exact.toLocaleString("en-GB"), limit: `${expected.toLocaleString("en-GB")} of issued logins`, holds: exact === expected },
      { what: "held while the last line is read", size, figure: `${atEnd.toFixed(0)} MiB`, limit, holds: before === null ? null : atEnd <= before + heldMiB },
    ],
  };
}

async function run(urls: DatabaseUrls, largest: number): Promise<Row[]> {
  // Nobody signs in here; the product checks its environment as a whole.
  const nobody = { OIDC_ISSUER: "http://localhost:1", OIDC_CLIENT_ID: "bench", OIDC_CLIENT_SECRET: "bench", CURFEW_SECRET_KEY: randomBytes(32).toString("base64") };
  Object.assign(process.env, { ...nobody, DATABASE_URL: urls.appUrl, CURFEW_LOG_LEVEL: "error" });
  const rows: Row[] = [];
  let before: number | null = null;
  try {
    // The first lines of a process pay for its compilation.
    await measure(urls, 2_000, null);
    for (const size of sizes.filter((each) => each <= largest)) {
      const measured: Measured = await measure(urls, size, before);
      before ??= measured.held;
      rows.push(...measured.rows);
      printRows(measured.rows);
    }
  } finally {
    const { db } = await import("@/lib/db/client");
    await db.$disconnect();
  }
  return rows;
}

/** Logs of growing sizes, made on the fly, taken with a small heap; answers whether memory stays flat. `largest` stops earlier. */
export const benchUses = (largest: number): Promise<boolean> => inSmallHeap(() => bench(largest));

async function bench(largest: number): Promise<boolean> {
  const { folder, remove } = await temporaryFolder("bench");
  const cluster = await startCluster({ dataDir: folder, settings });
  try {
    const urls = await prepareAppDatabase(cluster, { ownerPassword: "bench-owner", appPassword: "bench-app", secretKey: "" });
    await migrate(urls);
    process.stdout.write(`${machine()}, PostgreSQL ${cluster.major} with ${settings.shared_buffers} of memory, a heap of ${heapMiB} MiB; durable settings (fsync on)\n`);
    printHead();
    const rows = await run(urls, largest);
    return rows.every(({ holds }) => holds !== false);
  } finally {
    await cluster.stop();
    await remove();
  }
}
