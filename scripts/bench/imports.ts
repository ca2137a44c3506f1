import { randomBytes } from "node:crypto";
import { migrate } from "../../lib/db/migrate";
import { startCluster } from "../cluster/cluster";
import { appSettings, prepareAppDatabase, type DatabaseUrls } from "../launch/app-database";
import { temporaryFolder } from "../test/temporary";
import { heapMiB, held, inSmallHeap, peak, type Peak } from "./memory";
import { largeMemory, load, machine, print, type Row } from "./report";

const sizes = [100_000, 1_000_000];
/** Ten times the lines may take this many MiB more at their peak, which has what is not yet collected and what the allocator keeps. */
const flatMiB = 120;
/** And this many MiB more of what is held while the last line is read. */
const heldMiB = 16;
const linesPerPiece = 500;
const settings = { ...appSettings, ...largeMemory } as const;

const head = "id,name,kind,environment,description,credential_id,credential_created_at,credential_last_used_at,entitlement,entitlement_sensitivity\n";

function lineOf(n: number): string {
  const day = `2026-0${1 + (n % 9)}-1${n % 10}`;
  const team = ["billing", "orders", "search", "mail", "ledger"][n % 5] ?? "";
  return `svc-${n},${team}-worker-${n},service-account,production,Works on ${team} in shard ${n % 400},key-${n},2025-03-0${1 + (n % 9)},${day}T02:10:00Z,${team}: ${n % 2 ? "read" : "write"} ${n % 200},medium\n`;
}

/** A file that is never there as a whole. `atEnd` is called when its last piece was taken and none of it is settled. */
async function* file(lines: number, atEnd: () => void = () => undefined): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head);
  for (let from = 0; from < lines; from += linesPerPiece) {
    let piece = "";
    for (let n = from; n < Math.min(lines, from + linesPerPiece); n += 1) piece += lineOf(n);
    yield await Promise.resolve(Buffer.from(piece));
  }
  atEnd();
}

const perSecond = (lines: number, ms: number) => `${Math.round((lines * 1000) / ms).toLocaleString("en-GB")} lines/s`;

type Memory = { readonly mib: number; readonly held: number };

async function measure(lines: number, before: Memory | null): Promise<Memory & { readonly rows: Row[] }> {
  const { announceImport, confirmImport } = await import("@/lib/imports/mutations");
  const { receiveFile } = await import("@/lib/imports/intake");
  const { compareImport } = await import("@/lib/imports/compare");
  const { applyImport } = await import("@/lib/imports/apply");
  const { registerPerson } = await import("@/lib/people/registration");
  const { readImport } = await import("@/lib/imports/data");
  const personId = await registerPerson({ issuer: "https://bench.example.com", subject: `bench-${lines}`, name: "Bench", email: null }, { actor: { kind: "system", process: "seed" } });
  const actor = { kind: "person", personId, name: "Bench", roles: ["administrator"] } as const;
  const announce = { newSystem: { name: `bench ${lines}`, environment: "production" }, systemId: null, fileName: "bench.csv", format: "curfew-csv", isComplete: true, mapping: null, asOf: null } as const;
  const announced = await announceImport({ actor, announcement: announce });
  if (!announced.ok) throw new Error(announced.code);
  const { importId, systemId } = announced.value;
  let atEnd = 0;
  const read = await peak(() => receiveFile({ actor, importId, body: file(lines, () => (atEnd = held())) }));
  const compared = await peak(() => compareImport(importId));
  const found = await readImport(importId);
  if (found?.state !== "ready" || found.linesRead !== lines) throw new Error(`the benchmark's file was not taken: ${found?.state}`);
  await confirmImport({ actor, importId, digest: found.digest ?? "" });
  const applied = await peak(() => applyImport(importId));
  const again = await announceImport({ actor, announcement: { ...announce, newSystem: null, systemId } });
  if (!again.ok) throw new Error(again.code);
  await receiveFile({ actor, importId: again.value.importId, body: file(lines) });
  const same = await peak(() => compareImport(again.value.importId));
  if ((await readImport(again.value.importId))?.state !== "unchanged") throw new Error("the same file changed something");
  const mib = Math.max(read.mib, compared.mib, applied.mib, same.mib);
  const size = `${lines.toLocaleString("en-GB")} lines`;
  const memory = (what: string, mib: number, limit: { readonly than: number; readonly more: number } | null): Row => ({
    what,
    size,
    figure: `${mib.toFixed(0)} MiB`,
    limit: limit ? `with ${sizes[0]?.toLocaleString("en-GB")} lines ${limit.than.toFixed(0)} MiB + ${limit.more} MiB` : "–",
    holds: limit && mib <= limit.than + limit.more,
  });
  const row = (what: string, { ms, busy }: Peak): Row => ({ what, size, figure: `${perSecond(lines, ms)} (${(ms / 1000).toFixed(1)} s, ${busy})`, limit: "–", holds: null });
  return {
    mib,
    held: atEnd,
    rows: [
      row("read, checked, scanned for secrets, staged", read),
      row("compared with nothing known", compared),
      row("applied in one transaction", applied),
      row("the same file compared again", same),
      memory("held while the last line is read", atEnd, before && { than: before.held, more: heldMiB }),
      memory("memory of the process at its peak", mib, before && { than: before.mib, more: flatMiB }),
    ],
  };
}

async function run(urls: DatabaseUrls, largest: number): Promise<Row[]> {
  // Nobody signs in here; the product checks its environment as a whole.
  const nobody = { OIDC_ISSUER: "http://localhost:1", OIDC_CLIENT_ID: "bench", OIDC_CLIENT_SECRET: "bench", CURFEW_SECRET_KEY: randomBytes(32).toString("base64") };
  Object.assign(process.env, { ...nobody, DATABASE_URL: urls.appUrl, CURFEW_LOG_LEVEL: "error" });
  const rows: Row[] = [];
  let before: Memory | null = null;
  try {
    // The first lines of a process pay for its compilation.
    await measure(5_000, null);
    for (const size of sizes.filter((each) => each <= largest)) {
      const measured: Memory & { readonly rows: Row[] } = await measure(size, before);
      before ??= measured;
      rows.push(...measured.rows);
      process.stdout.write(`${size.toLocaleString("en-GB")} lines are done, ${load()}\n`);
    }
  } finally {
    const { db } = await import("@/lib/db/client");
    await db.$disconnect();
  }
  return rows;
}

/** Import of files of growing sizes, made on the fly, with a small heap; answers whether memory stays flat. `largest` stops earlier. */
export const benchImports = (largest: number): Promise<boolean> => inSmallHeap(() => bench(largest));

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
