import { randomBytes, randomUUID } from "node:crypto";
import { migrate } from "../../lib/db/migrate";
import { startCluster } from "../cluster/cluster";
import { appSettings, prepareAppDatabase, type DatabaseUrls } from "../launch/app-database";
import { temporaryFolder } from "../test/temporary";
import { heapMiB, held, inSmallHeap, peak, type Peak } from "./memory";
import { largeMemory, load, machine, print, type Row } from "./report";

const sizes = [100_000, 1_000_000];
/** Ten times the lines may take this many MiB more of what is held while the last line is read. */
const heldMiB = 16;
const linesPerPiece = 500;
const settings = { ...appSettings, ...largeMemory } as const;

/** A connection of some hundred statements after the other, each a line of PostgreSQL's jsonlog. */
function lineOf(n: number): string {
  const time = new Date(Date.UTC(2026, 0, 1) + n * 250).toISOString().replace("T", " ").replace("Z", " UTC");
  const connection = Math.floor(n / 200);
  const message = n % 200 === 0 ? `connection authorized: user=svc_${connection % 40} database=orders` : `statement: select id, total from sales.orders_${n % 60} o join sales.items i on i.order_id = o.id where o.id = ${n}`;
  return `{"timestamp":"${time}","user":"svc_${connection % 40}","dbname":"orders","pid":${connection},"remote_host":"10.0.0.${connection % 250}","session_id":"${(1_767_225_600 + connection).toString(16)}.${connection.toString(16)}","line_num":${(n % 200) + 1},"error_severity":"LOG","message":"${message}","application_name":"job","backend_type":"client backend"}\n`;
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

const perSecond = (lines: number, ms: number) => `${Math.round((lines * 1000) / ms).toLocaleString("en-GB")} lines/s`;

async function measure(lines: number, before: number | null): Promise<{ readonly held: number; readonly rows: Row[] }> {
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
  const again = await peak(take("again.json"));
  if ((await db.use.count({ where: { sourceId } })) !== lines) throw new Error("a line that came twice is there twice");
  const size = `${lines.toLocaleString("en-GB")} lines`;
  const row = (what: string, { ms, busy }: Peak): Row => ({ what, size, figure: `${perSecond(lines, ms)} (${(ms / 1000).toFixed(1)} s, ${busy})`, limit: "–", holds: null });
  const limit = before === null ? "–" : `with ${sizes[0]?.toLocaleString("en-GB")} lines ${before.toFixed(0)} MiB + ${heldMiB} MiB`;
  return {
    held: atEnd,
    rows: [
      row("log parsed", parsed),
      row("log taken: parsed, scanned for secrets, matched, kept", taken),
      row("the same log again: nothing is kept twice", again),
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
    await measure(2_000, null);
    for (const size of sizes.filter((each) => each <= largest)) {
      const measured: { readonly held: number; readonly rows: Row[] } = await measure(size, before);
      before ??= measured.held;
      rows.push(...measured.rows);
      process.stdout.write(`${size.toLocaleString("en-GB")} lines are done, ${load()}\n`);
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
    const rows = await run(urls, largest);
    process.stdout.write("\n");
    print(rows);
    return rows.every(({ holds }) => holds !== false);
  } finally {
    await cluster.stop();
    await remove();
  }
}
