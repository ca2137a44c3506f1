import "server-only";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { LedgerFault } from "./fault";
import { foldSubtrees, rootOf, subtreesOf, type Span } from "./merkle";

/** Hashes in a full tile (C2SP tlog-tiles): eight rows of the tree. */
export const tileWidth = 256;
const hashBytes = 32;

/** Hashes side by side, one by one. */
export function splitHashes(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / hashBytes }, (_, n) => bytes.subarray(n * hashBytes, (n + 1) * hashBytes));
}

/** Where the root of a perfect subtree is: alone, or as the tree over a few hashes, in one tile. */
type Place = { readonly level: number; readonly tile: number; readonly offset: number; readonly count: number };

function placeOf({ from, to }: Span): Place {
  let [level, unit] = [0, 1];
  while (to - from >= unit * tileWidth) [level, unit] = [level + 1, unit * tileWidth];
  const first = from / unit;
  return { level, tile: Math.floor(first / tileWidth), offset: first % tileWidth, count: (to - from) / unit };
}

const keyOf = ({ level, tile }: Pick<Place, "level" | "tile">) => `${level}/${tile}`;

/** Leaf hashes of a run of positions, from the entries themselves; throws where one is missing. */
export async function leavesOf(tx: Transaction, { from, to }: Span): Promise<Uint8Array[]> {
  const rows = await tx.$queryRaw<{ position: bigint; leaf_hash: Uint8Array }[]>`
    select position, leaf_hash from ledger.entry where position >= ${from}::bigint and position < ${to}::bigint order by position`;
  return Array.from({ length: to - from }, (_, n) => {
    const row = rows[n];
    if (row?.position !== BigInt(from + n)) throw new LedgerFault("entry-missing", from + n);
    return row.leaf_hash;
  });
}

/** Hashes of a tile that is not full: leaf hashes, or the roots of the full tiles below it. */
async function hashesNotTiled(tx: Transaction, { level, tile, offset, count }: Place): Promise<Uint8Array[]> {
  const from = tile * tileWidth;
  if (level === 0) return leavesOf(tx, { from, to: from + offset + count });
  const rows = await tx.$queryRaw<{ index: bigint; root: Uint8Array }[]>`
    select index, root from ledger.tile where level = ${level - 1}::smallint and index >= ${from}::bigint and index < ${from + offset + count}::bigint order by index`;
  return Array.from({ length: offset + count }, (_, n) => {
    const row = rows[n];
    if (row?.index !== BigInt(from + n)) throw new LedgerFault("tile-changed", (from + n) * tileWidth ** level);
    return row.root;
  });
}

/** The tiles that some places are in, as far as the places need them. */
async function readTiles(tx: Transaction, places: readonly Place[]): Promise<Map<string, readonly Uint8Array[]>> {
  const needed = new Map<string, Place>();
  for (const place of places) {
    const known = needed.get(keyOf(place));
    if (!known || known.offset + known.count < place.offset + place.count) needed.set(keyOf(place), place);
  }
  const asked = JSON.stringify([...needed.values()].map(({ level, tile }) => ({ level, tile })));
  const rows = await tx.$queryRaw<{ level: number; index: bigint; hashes: Uint8Array }[]>`
    select t.level, t.index, t.hashes from jsonb_to_recordset(${asked}::jsonb) as asked(level smallint, tile bigint)
    join ledger.tile t on t.level = asked.level and t.index = asked.tile`;
  const found = new Map<string, readonly Uint8Array[]>(rows.map(({ level, index, hashes }) => [`${level}/${index}`, splitHashes(hashes)]));
  for (const [key, place] of needed) if (!found.has(key)) found.set(key, await hashesNotTiled(tx, place));
  return found;
}

/** The first hashes of one tile. */
export async function readTileHashes(tx: Transaction, { level, tile, width }: { readonly level: number; readonly tile: number; readonly width: number }): Promise<readonly Uint8Array[]> {
  const found = await readTiles(tx, [{ level, tile, offset: 0, count: width }]);
  return (found.get(keyOf({ level, tile })) ?? []).slice(0, width);
}

/**
 * Roots of parts of the tree, from a few tiles each: never from the leaves of what is tiled. A part begins where a tree is
 * split (0, or the middle of a larger one), as those of RFC 6962's proofs do.
 */
export async function rootsOf(tx: Transaction, spans: readonly Span[]): Promise<Uint8Array[]> {
  const pieces = spans.map((span) => subtreesOf(span).map(placeOf));
  const tiles = await readTiles(tx, pieces.flat());
  return pieces.map((places) =>
    foldSubtrees(places.map((place) => rootOf((tiles.get(keyOf(place)) ?? []).slice(place.offset, place.offset + place.count)))),
  );
}

/** Tiles that one statement extends the tree by. */
const batch = 64;

type Run = { readonly tile: bigint; readonly hashes: Uint8Array; readonly count: number; readonly bad: bigint | null };

/** Hashes of the next full tiles of leaves. An event that is not what its leaf hash says never gets into the tree. */
async function nextLeafTiles(tx: Transaction, first: number, count: number): Promise<Run[]> {
  const [from, to] = [first * tileWidth, (first + count) * tileWidth];
  const runs = await tx.$queryRaw<Run[]>`
    select position / ${tileWidth}::bigint as tile, string_agg(leaf_hash, ''::bytea order by position) as hashes, count(*)::int as count,
      min(position) filter (where e.id is null or leaf_hash <> sha256('\\x00'::bytea || e.body)) as bad
    from ledger.entry n left join ledger.event e on e.id = n.event_id
    where position >= ${from}::bigint and position < ${to}::bigint group by 1 order by 1`;
  for (const [n, run] of runs.entries()) {
    if (run.bad !== null) throw new LedgerFault("event-changed", run.bad);
    if (run.tile !== BigInt(first + n) || run.count !== tileWidth) await leavesOf(tx, { from, to });
  }
  if (runs.length < count) await leavesOf(tx, { from, to });
  return runs;
}

/** Hashes of the next full tiles above: roots of the tiles below. */
function nextTilesAbove(tx: Transaction, level: number, first: number, count: number): Promise<Run[]> {
  return tx.$queryRaw<Run[]>`
    select index / ${tileWidth}::bigint as tile, string_agg(root, ''::bytea order by index) as hashes, count(*)::int as count, null::bigint as bad
    from ledger.tile where level = ${level - 1}::smallint and index >= ${first * tileWidth}::bigint and index < ${(first + count) * tileWidth}::bigint
    group by 1 order by 1`;
}

/** Adds full tiles of one level; answers whether there are more to add. */
async function extendLevel(tx: Transaction, level: number, size: number): Promise<{ tiles: number; isDone: boolean }> {
  const rows = await tx.$queryRaw<{ next: bigint }[]>`select coalesce(max(index) + 1, 0) as next from ledger.tile where level = ${level}::smallint`;
  const next = Number(rows[0]?.next ?? 0);
  const full = Math.floor(size / tileWidth ** (level + 1));
  const count = Math.min(batch, full - next);
  if (count <= 0) return { tiles: full, isDone: true };
  const runs = level === 0 ? await nextLeafTiles(tx, next, count) : await nextTilesAbove(tx, level, next, count);
  const made = runs.map(({ tile, hashes }) => ({ tile: String(tile), hashes: Buffer.from(hashes).toString("base64"), root: Buffer.from(rootOf(splitHashes(hashes))).toString("base64") }));
  await tx.$executeRaw`
    insert into ledger.tile (level, index, hashes, root)
    select ${level}::smallint, tile, decode(hashes, 'base64'), decode(root, 'base64')
    from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) as made(tile bigint, hashes text, root text)`;
  return { tiles: next + count, isDone: next + count === full };
}

/** One process at a time works on the tree; the turn ends with the transaction. */
export async function takeTreeTurn(tx: Transaction): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:ledger-tree', 0))`;
}

/** Size of the ledger, inside a transaction. */
export async function sizeOfLedger(tx: Transaction): Promise<number> {
  const rows = await tx.$queryRaw<{ size: bigint }[]>`select size from ledger.head`;
  return Number(rows[0]?.size ?? 0);
}

/** Adds all tiles that are full by now, a batch in a transaction, so that a first run over millions holds nobody up. */
export async function extendTiles(): Promise<void> {
  for (let level = 0; level < 8; level++) {
    for (let isDone = false; !isDone; ) {
      const step = await db.$transaction(async (tx) => {
        await takeTreeTurn(tx);
        return extendLevel(tx, level, await sizeOfLedger(tx));
      });
      isDone = step.isDone;
      if (isDone && step.tiles === 0) return;
    }
  }
}
