import "server-only";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";

/** A file of a bundle: small ones whole and stored, large ones as a stream and deflated. */
export type BundleFile = { readonly name: string } & ({ readonly whole: Uint8Array } | { readonly stream: AsyncIterable<Uint8Array>; readonly mayBeLarge: boolean });

/** What was written of a file. */
export type Written = {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly packed: { readonly method: "stored" | "deflated"; readonly bytes: number; readonly sha256: string; readonly crc32: number };
};

const full = 0xffffffff;
/** 1 January 2000: entries carry no time of their own, so that the same data is the same bytes. */
const day = ((2000 - 1980) << 9) | (1 << 5) | 1;
const madeOnUnix = 0x032d;
const plainFile = 0o100644;
const pieceBytes = 1 << 16;

type Field = readonly [width: 2 | 4 | 8, value: number];
/** An entry at its place in the archive; `isLarge` where it is written in the form for what passes 4 GB. */
export type Placed = Written & { readonly offset: number; readonly isLarge: boolean };

function fields(list: readonly Field[]): Buffer {
  const bytes = Buffer.alloc(list.reduce((sum, [width]) => sum + width, 0));
  let at = 0;
  for (const [width, value] of list) {
    if (width === 8) bytes.writeBigUInt64LE(BigInt(value), at);
    else bytes.writeUIntLE(value, at, width);
    at += width;
  }
  return bytes;
}

const isStreamed = ({ packed }: Pick<Written, "packed">) => packed.method === "deflated";
const flags = (entry: Pick<Written, "packed">) => (isStreamed(entry) ? 0x0808 : 0x0800);
const method = (entry: Pick<Written, "packed">) => (isStreamed(entry) ? 8 : 0);

/** APPNOTE 4.3.7. Of what is packed on the way, sizes are not known yet and stand behind it. */
function localHeader(entry: Placed): Buffer {
  const size = isStreamed(entry) ? 0 : entry.bytes;
  const extra: Field[] = entry.isLarge ? [[2, 1], [2, 16], [8, size], [8, size]] : [];
  const said = entry.isLarge ? full : size;
  const name = Buffer.from(entry.name);
  return Buffer.concat([
    fields([[4, 0x04034b50], [2, entry.isLarge ? 45 : 20], [2, flags(entry)], [2, method(entry)], [2, 0], [2, day], [4, isStreamed(entry) ? 0 : entry.packed.crc32], [4, said], [4, said], [2, name.length], [2, entry.isLarge ? 20 : 0]]),
    name,
    fields(extra),
  ]);
}

/** APPNOTE 4.3.9. */
function descriptor(entry: Placed): Buffer {
  const width = entry.isLarge ? 8 : 4;
  return fields([[4, 0x08074b50], [4, entry.packed.crc32], [width, entry.packed.bytes], [width, entry.bytes]]);
}

/** APPNOTE 4.3.12. */
function centralHeader(entry: Placed): Buffer {
  const { isLarge, packed, bytes, offset } = entry;
  const extra: Field[] = isLarge ? [[2, 1], [2, 24], [8, bytes], [8, packed.bytes], [8, offset]] : [];
  const name = Buffer.from(entry.name);
  return Buffer.concat([
    fields([[4, 0x02014b50], [2, madeOnUnix], [2, isLarge ? 45 : 20], [2, flags(entry)], [2, method(entry)], [2, 0], [2, day], [4, packed.crc32], [4, isLarge ? full : packed.bytes], [4, isLarge ? full : bytes], [2, name.length], [2, isLarge ? 28 : 0]]),
    fields([[2, 0], [2, 0], [2, 0], [4, plainFile * 0x10000], [4, isLarge ? full : offset]]),
    name,
    fields(extra),
  ]);
}

/** APPNOTE 4.3.14 to 4.3.16. */
function endRecords(entries: readonly Placed[], offset: number, length: number): Buffer {
  const isLarge = entries.some((entry) => entry.isLarge) || entries.length >= 0xffff || offset >= full;
  const count = entries.length;
  const large: Field[] = [
    [4, 0x06064b50], [8, 44], [2, madeOnUnix], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, length], [8, offset],
    [4, 0x07064b50], [4, 0], [8, offset + length], [4, 1],
  ];
  const [said, saidLength, saidOffset] = isLarge ? [0xffff, full, full] : [count, length, offset];
  return fields([...(isLarge ? large : []), [4, 0x06054b50], [2, 0], [2, 0], [2, said], [2, said], [4, saidLength], [4, saidOffset], [2, 0]]);
}

/** The same bytes in pieces of one size, so that what they deflate to does not hang on how they came. */
async function* evenly(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    waiting.push(Buffer.from(chunk));
    length += chunk.length;
    if (length < pieceBytes) continue;
    const all = Buffer.concat(waiting);
    const end = length - (length % pieceBytes);
    for (let at = 0; at < end; at += pieceBytes) yield all.subarray(at, at + pieceBytes);
    waiting = [all.subarray(end)];
    length -= end;
  }
  if (length > 0) yield Buffer.concat(waiting);
}

async function* deflated(source: AsyncIterable<Uint8Array>, onPiece: (piece: Uint8Array) => void): AsyncGenerator<Buffer> {
  async function* told() {
    for await (const piece of evenly(source)) {
      onPiece(piece);
      yield piece;
    }
  }
  const input = Readable.from(told(), { objectMode: false });
  const deflate = createDeflateRaw({ level: 1, chunkSize: pieceBytes });
  input.once("error", (error) => deflate.destroy(error));
  try {
    for await (const chunk of input.pipe(deflate)) yield chunk as Buffer;
  } finally {
    input.destroy();
    deflate.destroy();
  }
}

/**
 * A ZIP archive in the one form that a bundle has (docs/evidence-bundle.md), file after file as they are pulled: no time, no
 * extra field but for what is larger than 4 GB. `files` is told what was written of each, so that the last can speak of all.
 */
export async function* archiveOf(files: AsyncGenerator<BundleFile, void, Written>): AsyncGenerator<Uint8Array> {
  const entries: Placed[] = [];
  let offset = 0;
  const counted = (bytes: Uint8Array) => {
    offset += bytes.length;
    return bytes;
  };
  for (let next = await files.next(); !next.done; ) {
    const start = offset;
    const entry: Placed = "whole" in next.value ? placed(next.value, start) : yield* stream(next.value, start, counted);
    if ("whole" in next.value) {
      yield counted(localHeader(entry));
      yield counted(next.value.whole);
    }
    entries.push(entry);
    next = await files.next(entry);
  }
  yield* directoryOf(entries, offset);
}

/** What stands before and behind an entry's content. */
export const aroundOf = (entry: Placed): { readonly before: Buffer; readonly behind: Buffer } => ({ before: localHeader(entry), behind: isStreamed(entry) ? descriptor(entry) : Buffer.alloc(0) });

/** What stands behind all entries: the directory, from `offset` on, and how it ends. */
export function* directoryOf(entries: readonly Placed[], offset: number): Generator<Buffer> {
  const directory = Buffer.concat(entries.map(centralHeader));
  yield directory;
  yield endRecords(entries, offset, directory.length);
}

function placed({ name, whole }: Extract<BundleFile, { whole: Uint8Array }>, offset: number): Placed {
  const sha256 = createHash("sha256").update(whole).digest("hex");
  return { name, bytes: whole.length, sha256, packed: { method: "stored", bytes: whole.length, sha256, crc32: crc32(whole) }, offset, isLarge: offset >= full };
}

async function* stream(file: Extract<BundleFile, { stream: AsyncIterable<Uint8Array> }>, offset: number, counted: (bytes: Uint8Array) => Uint8Array): AsyncGenerator<Uint8Array, Placed> {
  const [content, packed] = [createHash("sha256"), createHash("sha256")];
  let [bytes, packedBytes, crc] = [0, 0, 0];
  const empty = { name: file.name, bytes: 0, sha256: "", packed: { method: "deflated", bytes: 0, sha256: "", crc32: 0 }, offset, isLarge: file.mayBeLarge || offset >= full } as const;
  yield counted(localHeader(empty));
  const see = (piece: Uint8Array) => {
    content.update(piece);
    crc = crc32(piece, crc);
    bytes += piece.length;
  };
  for await (const piece of deflated(file.stream, see)) {
    packed.update(piece);
    packedBytes += piece.length;
    yield counted(piece);
  }
  const entry: Placed = { ...empty, bytes, sha256: content.digest("hex"), packed: { method: "deflated", bytes: packedBytes, sha256: packed.digest("hex"), crc32: crc } };
  yield counted(descriptor(entry));
  return entry;
}
