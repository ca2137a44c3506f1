import "server-only";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { appendEvent } from "../append";
import { LedgerFault } from "./fault";
import { foldSubtrees, nodeHash, rootOf, subtreesOf } from "./merkle";
import { requireEdge, requireEnd, requireSigned, type CheckpointRow } from "./proofs";
import { extendTiles, leavesOf, splitHashes, tileWidth } from "./tiles";

/** Tiles that one query reads: 16,384 events. */
const batch = 64;

/** Roots of the perfect subtrees read so far, largest first: all that is kept of what was read. */
type Stack = { width: number; hash: Uint8Array }[];

function push(stack: Stack, width: number, hash: Uint8Array): void {
  let added = { width, hash };
  for (let last = stack.at(-1); last?.width === added.width; last = stack.at(-1)) {
    stack.pop();
    added = { width: last.width * 2, hash: nodeHash(last.hash, added.hash) };
  }
  stack.push(added);
}

type Run = {
  tile: bigint; first: bigint; count: number; hashes: Uint8Array; missing: bigint | null; changed: bigint | null; kept: Uint8Array | null; root: Uint8Array | null;
};

/** Full tiles of leaves as the entries give them, held against the events' bytes, with what was kept of them. */
function readRuns(from: number, to: number): Promise<Run[]> {
  return db.$queryRaw<Run[]>`
    with run as (
      select n.position / ${tileWidth}::bigint as tile, min(n.position) as first, count(*)::int as count, string_agg(n.leaf_hash, ''::bytea order by n.position) as hashes,
        min(n.position) filter (where e.id is null) as missing,
        min(n.position) filter (where n.leaf_hash <> sha256('\\x00'::bytea || e.body)) as changed
      from ledger.entry n left join ledger.event e on e.id = n.event_id
      where n.position >= ${from}::bigint and n.position < ${to}::bigint group by 1)
    select run.*, t.hashes as kept, t.root from run left join ledger.tile t on t.level = 0 and t.index = run.tile order by run.tile`;
}

/** Throws for the first position of a tile that is not what it was. */
async function requireTile(run: Run | undefined, tile: number): Promise<Uint8Array[]> {
  const from = tile * tileWidth;
  if (Number(run?.tile ?? -1) !== tile || run === undefined) throw new LedgerFault("entry-missing", from);
  if (run.count !== tileWidth) await leavesOf(db, { from, to: from + tileWidth });
  const leaves = splitHashes(run.hashes);
  const kept = splitHashes(run.kept ?? new Uint8Array());
  const moved = leaves.findIndex((leaf, n) => kept.length > 0 && Buffer.compare(leaf, kept[n] ?? new Uint8Array()) !== 0);
  const found = [
    ...(run.missing === null ? [] : [{ fault: "event-missing" as const, position: Number(run.missing) }]),
    ...(run.changed === null ? [] : [{ fault: "event-changed" as const, position: Number(run.changed) }]),
    ...(moved < 0 ? [] : [{ fault: "leaf-changed" as const, position: from + moved }]),
  ].toSorted((a, b) => a.position - b.position);
  if (found[0]) throw new LedgerFault(found[0].fault, found[0].position);
  if (Buffer.compare(rootOf(leaves), run.root ?? new Uint8Array()) !== 0) throw new LedgerFault("tile-changed", from);
  return leaves;
}

/** Checkpoints over more than `from` and at most `to` events must say the root that the leaves give, and carry their signature. */
async function requireCheckpoints(stack: Stack, { from, to, leaves }: { from: number; to: number; leaves: readonly Uint8Array[] }, signed: { good: number }): Promise<void> {
  const rows = await db.$queryRaw<CheckpointRow[]>`
    select size, root, note, key_id, signed_at from ledger.checkpoint where size > ${from}::bigint and size <= ${to}::bigint order by size`;
  for (const row of rows) {
    await requireSigned(db, row);
    const pieces = subtreesOf({ from, to: Number(row.size) }).map((span) => rootOf(leaves.slice(span.from - from, span.to - from)));
    const root = foldSubtrees([...stack.map(({ hash }) => hash), ...pieces]);
    if (Buffer.compare(root, row.root) !== 0) throw new LedgerFault("root-differs", signed.good);
    signed.good = Number(row.size);
  }
}

async function requireAbove(size: number): Promise<void> {
  for (let level = 1; size >= tileWidth ** (level + 1); level++) {
    const rows = await db.$queryRaw<{ index: bigint }[]>`
      select t.index from ledger.tile t where t.level = ${level}::smallint and t.hashes <>
        (select string_agg(below.root, ''::bytea order by below.index) from ledger.tile below
         where below.level = ${level - 1}::smallint and below.index >= t.index * ${tileWidth}::bigint and below.index < (t.index + 1) * ${tileWidth}::bigint)
      order by t.index limit 1`;
    if (rows[0]) throw new LedgerFault("tile-changed", Number(rows[0].index) * tileWidth ** (level + 1));
  }
}

/** New tiles are added; what stands in their way is found where it is, in order. */
async function extendAsFarAsGood(): Promise<LedgerFault | null> {
  try {
    await extendTiles();
    return null;
  } catch (error) {
    if (error instanceof LedgerFault) return error;
    throw error;
  }
}

/** Reads everything in order; throws for the first position that is not as it was signed. */
async function readAll(): Promise<number> {
  const size = await requireEnd(db);
  const inTheWay = await extendAsFarAsGood();
  const full = Math.floor(size / tileWidth);
  const [stack, signed]: [Stack, { good: number }] = [[], { good: 0 }];
  for (let start = 0; start < full; start += batch) {
    const end = Math.min(full, start + batch);
    const runs = await readRuns(start * tileWidth, end * tileWidth);
    for (let tile = start; tile < end; tile++) {
      const leaves = await requireTile(runs[tile - start], tile);
      await requireCheckpoints(stack, { from: tile * tileWidth, to: (tile + 1) * tileWidth, leaves }, signed);
      push(stack, tileWidth, rootOf(leaves));
    }
  }
  await requireAbove(size);
  const leaves = await requireEdge(db, size);
  await requireCheckpoints(stack, { from: full * tileWidth, to: size, leaves }, signed);
  if (inTheWay) throw inTheWay;
  return size;
}

/** What a reading of the whole ledger found. */
export type LedgerReading = { readonly size: number; readonly fault: LedgerFault | null };

/** Writes down what a reading found: while its fault is the newest one found, nothing is signed. */
export async function recordReading(tx: Transaction, { size, fault }: LedgerReading, startedAt: Date, now: Date): Promise<void> {
  const position = fault === null ? null : Number(fault.position);
  await tx.$executeRaw`
    insert into ledger.self_check (started_at, finished_at, size, fault, position)
    values (${startedAt}, ${now}, ${size}::bigint, ${fault?.fault ?? null}, ${position}::bigint)`;
  await appendEvent(tx, { type: "ledger.checked", at: now, actor: { kind: "system", process: "worker" }, subjects: {}, data: { size, fault: fault?.fault ?? null, position } });
}

/**
 * Reads the whole ledger, events' bytes included, against the tree that was built when they came and every checkpoint that
 * was signed. Flat in memory, in order, so that what it names is the first position that was changed.
 */
export async function readLedger(): Promise<LedgerReading> {
  try {
    return { size: await readAll(), fault: null };
  } catch (error) {
    if (!(error instanceof LedgerFault)) throw error;
    const rows = await db.$queryRaw<{ size: bigint }[]>`select size from ledger.head`;
    return { size: Number(rows[0]?.size ?? 0), fault: error };
  }
}

/** The newest reading; null before the first. */
export async function lastReading(): Promise<{ finishedAt: Date; size: bigint; fault: string | null; position: bigint | null } | null> {
  const rows = await db.$queryRaw<{ finishedAt: Date; size: bigint; fault: string | null; position: bigint | null }[]>`
    select finished_at as "finishedAt", size, fault, position from ledger.self_check order by id desc limit 1`;
  return rows[0] ?? null;
}
