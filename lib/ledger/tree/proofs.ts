import "server-only";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { AppError } from "@/lib/platform/errors";
import { sequenceEvents } from "../sequence";
import { LedgerFault, type LedgerFaultKind } from "./fault";
import { currentLogKey, ensureKeys, publicKeyById } from "./keys";
import { consistencySpans, emptyRoot, inclusionSpans, subtreesOf, verifyConsistency } from "./merkle";
import { formatCheckpoint, isSignedBy, keyIdOf, parseCheckpoint, parseNote, signatureTypes, signNote } from "./note";
import { extendTiles, leavesOf, rootsOf, sizeOfLedger, splitHashes, takeTreeTurn, tileWidth } from "./tiles";

/** A signed statement of what the ledger holds. */
export type Checkpoint = {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** C2SP signed note, with the signature lines of the log and of its witnesses. */
  readonly note: string;
  readonly signedAt: Date;
};

/** A stored checkpoint, as its row says it. */
export type CheckpointRow = { size: bigint; root: Uint8Array; note: string; key_id: number; signed_at: Date };

async function withCosignatures(tx: Transaction, { size, root, note, signed_at: signedAt }: CheckpointRow): Promise<Checkpoint> {
  const lines = await tx.$queryRaw<{ line: string }[]>`select line from ledger.cosignature where size = ${size}::bigint order by added_at, key_name`;
  return { size, root, note: note + lines.map(({ line }) => line).join(""), signedAt };
}

async function newestRow(tx: Transaction): Promise<CheckpointRow | null> {
  const rows = await tx.$queryRaw<CheckpointRow[]>`select size, root, note, key_id, signed_at from ledger.checkpoint order by size desc limit 1`;
  return rows[0] ?? null;
}

/** The newest signed checkpoint; null while there is none. */
export async function latestCheckpoint(): Promise<Checkpoint | null> {
  const row = await newestRow(db);
  return row && withCosignatures(db, row);
}

/** The checkpoint that was signed over exactly so many events; null when there is none. */
export async function checkpointOf(size: bigint): Promise<Checkpoint | null> {
  const rows = await db.$queryRaw<CheckpointRow[]>`select size, root, note, key_id, signed_at from ledger.checkpoint where size = ${size}::bigint`;
  return rows[0] ? withCosignatures(db, rows[0]) : null;
}

/** A checkpoint row must carry its own key's signature over what its columns say. */
export async function requireSigned(tx: Transaction, row: CheckpointRow): Promise<void> {
  const key = await publicKeyById(tx, row.key_id);
  const said = parseCheckpoint(parseNote(row.note)?.text ?? "");
  const isGood =
    key && said?.size === row.size && said.origin === key.name && Buffer.compare(said.root, row.root) === 0 &&
    isSignedBy(row.note, { name: key.name, type: signatureTypes.ed25519, publicKey: key.raw, keyId: keyIdOf(key.name, signatureTypes.ed25519, key.raw) });
  if (!isGood) throw new LedgerFault("checkpoint-forged", row.size);
}

/** A reading of the whole ledger that found a fault stands until a later one finds none. */
async function requireNoFault(tx: Transaction): Promise<void> {
  const rows = await tx.$queryRaw<{ fault: LedgerFaultKind | null; position: bigint | null }[]>`select fault, position from ledger.self_check order by id desc limit 1`;
  const found = rows[0];
  if (found?.fault != null && found.position !== null) throw new LedgerFault(found.fault, found.position);
}

/** What is not in a full tile is held against the events' bytes, and against what it was when the last checkpoint was signed. */
export async function requireEdge(tx: Transaction, size: number): Promise<readonly Uint8Array[]> {
  const edges = await tx.$queryRaw<{ size: bigint; hashes: Uint8Array }[]>`select size, hashes from ledger.edge`;
  const [known, knownSize] = [splitHashes(edges[0]?.hashes ?? new Uint8Array()), Number(edges[0]?.size ?? 0)];
  const knownFrom = knownSize - known.length;
  const now = await leavesOf(tx, { from: knownFrom, to: Math.min(size, knownSize) });
  const changed = known.findIndex((hash, n) => n < now.length && Buffer.compare(hash, now[n] ?? new Uint8Array()) !== 0);
  if (changed >= 0) throw new LedgerFault("leaf-changed", knownFrom + changed);
  const from = size - (size % tileWidth);
  // Before the first signature there is nothing to hold it against but the tiles, which were held against the events when they were made.
  const unsure = knownSize === 0 ? from : Math.min(from, knownFrom);
  const bad = await tx.$queryRaw<{ position: bigint; missing: boolean }[]>`
    select n.position, e.id is null as missing from ledger.entry n left join ledger.event e on e.id = n.event_id
    where n.position >= ${unsure}::bigint and n.position < ${size}::bigint and (e.id is null or n.leaf_hash <> sha256('\\x00'::bytea || e.body))
    order by n.position limit 1`;
  if (bad[0]) throw new LedgerFault(bad[0].missing ? "event-missing" : "event-changed", bad[0].position);
  return leavesOf(tx, { from, to: size });
}

/** Entries end where the ledger does, and it is not shorter than what was signed. */
export async function requireEnd(tx: Transaction): Promise<number> {
  const rows = await tx.$queryRaw<{ size: bigint; end: bigint; signed: bigint }[]>`
    select (select size from ledger.head) as size, (select coalesce(max(position) + 1, 0) from ledger.entry) as end,
      (select coalesce(max(size), 0) from ledger.checkpoint) as signed`;
  const { size = 0n, end = 0n, signed = 0n } = rows[0] ?? {};
  if (end > size) throw new LedgerFault("entry-beyond-end", size);
  if (end < size) throw new LedgerFault("entry-missing", end);
  if (size < signed) throw new LedgerFault("shorter-than-signed", size);
  return Number(size);
}

async function requireConsistent(tx: Transaction, last: CheckpointRow, next: { readonly size: number; readonly root: Uint8Array }): Promise<void> {
  const first = Number(last.size);
  const proof = await rootsOf(tx, consistencySpans(first, next.size));
  if (!verifyConsistency({ first: { size: first, root: last.root }, second: next, proof })) throw new LedgerFault("root-differs", Math.max(0, first - 1));
}

async function signInTurn(tx: Transaction): Promise<Checkpoint> {
  await takeTreeTurn(tx);
  await requireNoFault(tx);
  const [size, last] = [await sizeOfLedger(tx), await newestRow(tx)];
  if (last) await requireSigned(tx, last);
  const edge = await requireEdge(tx, size);
  const [root = emptyRoot] = size === 0 ? [] : await rootsOf(tx, [{ from: 0, to: size }]);
  if (last) await requireConsistent(tx, last, { size, root });
  if (last && Number(last.size) === size) return withCosignatures(tx, last);
  const key = await currentLogKey(tx);
  const note = signNote(formatCheckpoint({ origin: key.name, size: BigInt(size), root }), key);
  const rows = await tx.$queryRaw<CheckpointRow[]>`
    insert into ledger.checkpoint (size, root, note, key_id, signed_at)
    values (${size}::bigint, ${root}, ${note}, ${key.id}::int, clock_timestamp()) returning size, root, note, key_id, signed_at`;
  await tx.$executeRaw`update ledger.edge set size = ${size}::bigint, hashes = ${Buffer.concat(edge)}::bytea`;
  if (!rows[0]) throw new AppError("database", "the checkpoint was not written");
  return withCosignatures(tx, rows[0]);
}

/**
 * Puts what is committed in sequence, extends the tree, and signs a checkpoint if the ledger grew. Never signs one that is not
 * consistent with the last: throws `LedgerFault` with the position instead, also where nothing grew.
 */
export async function checkpointNow(): Promise<Checkpoint> {
  await ensureKeys();
  await requireEnd(db);
  await sequenceEvents();
  await extendTiles();
  return db.$transaction(signInTurn);
}

async function requireWithin(size: bigint, ...positions: readonly bigint[]): Promise<void> {
  if (positions.some((position) => position < 0n || position > size)) throw new AppError("not-found", `no such position in a ledger of ${size}`);
  if (size > BigInt(await sizeOfLedger(db))) throw new AppError("not-found", `the ledger has not ${size} events yet`);
}

/** Proof that the event at `index` is in the ledger of `size` events: the leaf's sibling first. */
export async function inclusionProof(index: bigint, size: bigint): Promise<Uint8Array[]> {
  await requireWithin(size, index, index + 1n);
  return rootsOf(db, inclusionSpans(Number(index), Number(size)));
}

/** `c2sp.org/tlog-proof@v1` of the event at a position: its place in the tree, and the signed checkpoint that covers it. */
export async function tlogProof(index: bigint, checkpoint: Pick<Checkpoint, "size" | "note">): Promise<string> {
  const hashes = await inclusionProof(index, checkpoint.size);
  return `${["c2sp.org/tlog-proof@v1", `index ${index}`, ...hashes.map((hash) => Buffer.from(hash).toString("base64"))].join("\n")}\n\n${checkpoint.note}`;
}

/** Proof that the ledger of `to` events begins with that of `from` events. */
export async function consistencyProof(from: bigint, to: bigint): Promise<Uint8Array[]> {
  await requireWithin(to, from);
  return rootsOf(db, consistencySpans(Number(from), Number(to)));
}

/**
 * What gives, with the leaves of the positions [from, to), the root of the ledger of `size` events: roots of the perfect
 * subtrees before them and behind them, each from left to right.
 */
export async function rangeProof(from: bigint, to: bigint, size: bigint): Promise<{ left: Uint8Array[]; right: Uint8Array[] }> {
  await requireWithin(size, from, to);
  if (from > to) throw new AppError("not-found", `no range from ${from} to ${to}`);
  const [left, right] = [subtreesOf({ from: 0, to: Number(from) }), subtreesOf({ from: Number(to), to: Number(size) })];
  const hashes = await rootsOf(db, [...left, ...right]);
  return { left: hashes.slice(0, left.length), right: hashes.slice(left.length) };
}

/** Root of the first `size` events. */
export async function rootOfFirst(size: bigint): Promise<Uint8Array> {
  await requireWithin(size);
  const [root = emptyRoot] = size === 0n ? [] : await rootsOf(db, [{ from: 0, to: Number(size) }]);
  return root;
}

/** Keeps a witness's line beside a checkpoint, in the caller's transaction. Whoever asks for the checkpoint gets both. */
export async function addCosignature(tx: Transaction, size: bigint, { keyName, line }: { readonly keyName: string; readonly line: string }): Promise<void> {
  await tx.$executeRaw`insert into ledger.cosignature (size, key_name, line) values (${size}::bigint, ${keyName}, ${line}) on conflict do nothing`;
}

/** Keeps a timestamp (RFC 3161) over a checkpoint's text, in the caller's transaction. */
export async function addStamp(tx: Transaction, size: bigint, { authority, token, stampedAt }: { readonly authority: string; readonly token: Uint8Array<ArrayBuffer>; readonly stampedAt: Date }): Promise<void> {
  await tx.$executeRaw`
    insert into ledger.timestamp_token (size, authority, token, stamped_at) values (${size}::bigint, ${authority}, ${token}, ${stampedAt}) on conflict do nothing`;
}
