import "server-only";
import { db } from "@/lib/db/client";
import { latestCheckpoint } from "./proofs";
import { readTileHashes, tileWidth } from "./tiles";

/** A part of a tile or of a bundle of entries that a follower asks for (C2SP tlog-tiles). */
export type TilePart = { readonly level: number | "entries"; readonly index: number; readonly width: number };

/** Numbers in groups of three digits, all but the last with an `x`: `x001/x234/067`. */
function indexOf(parts: readonly string[]): number | null {
  const last = parts.length - 1;
  const fits = parts.length > 0 && parts.length < 6 && parts.every((part, n) => (n === last ? /^[0-9]{3}$/ : /^x[0-9]{3}$/).test(part));
  if (!fits || (last > 0 && parts[0] === "x000")) return null;
  return Number(parts.map((part) => part.replace("x", "")).join(""));
}

/** Reads `<L>/<N>[.p/<W>]`; null when it is not of that form. */
export function parseTilePath(parts: readonly string[]): TilePart | null {
  const [first = "", ...rest] = parts;
  const partial = rest.at(-2)?.endsWith(".p") === true;
  const width = partial ? rest.at(-1) ?? "" : String(tileWidth);
  const index = indexOf(partial ? rest.slice(0, -1).map((part) => part.replace(/\.p$/, "")) : rest);
  if (index === null || !/^[1-9][0-9]{0,2}$/.test(width) || Number(width) > tileWidth || (partial && Number(width) === tileWidth)) return null;
  if (first !== "entries" && !/^[0-7]$/.test(first)) return null;
  return { level: first === "entries" ? first : Number(first), index, width: Number(width) };
}

/** What of a level a checkpoint covers: nothing beyond it is served. */
async function coveredOf(level: number): Promise<number> {
  const newest = await latestCheckpoint();
  return Math.floor(Number(newest?.size ?? 0n) / tileWidth ** level);
}

/** Bytes of a tile, or of a bundle of entries; null when no checkpoint covers all of it. */
export async function readTilePart({ level, index, width }: TilePart): Promise<Uint8Array<ArrayBuffer> | null> {
  const height = level === "entries" ? 0 : level;
  if (index * tileWidth + width > (await coveredOf(height))) return null;
  if (level === "entries") return readEntryBundle(index * tileWidth, width);
  return new Uint8Array(Buffer.concat(await readTileHashes(db, { level, tile: index, width })));
}

/**
 * Entries as they stand in the ledger, each behind its length. Ends before the first one that is not there: whoever follows
 * names it by its position.
 */
async function readEntryBundle(from: number, width: number): Promise<Uint8Array<ArrayBuffer>> {
  const rows = await db.$queryRaw<{ position: bigint; body: Uint8Array | null }[]>`
    select n.position, e.body from ledger.entry n left join ledger.event e on e.id = n.event_id
    where n.position >= ${from}::bigint and n.position < ${from + width}::bigint order by n.position`;
  const parts: Uint8Array[] = [];
  for (const [n, { position, body }] of rows.entries()) {
    if (body === null || Number(position) !== from + n) break;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(body.length);
    parts.push(length, body);
  }
  return new Uint8Array(Buffer.concat(parts));
}
