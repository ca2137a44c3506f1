// ZIP (APPNOTE 6.3) in the one form that a bundle has: every byte of an archive is either content or follows from it, so
// that no byte can be changed unnoticed. What of the form does not hold names the entry.
import { concat, equal, must, textOf, utf8, Wrong } from "./bytes.mjs";

/** @typedef {import("../core/platform").Source} Source */
/** @typedef {import("../core/platform").Platform} Platform */
/** @typedef {{ name: string, method: 0 | 8, crc32: number, packedBytes: number, bytes: number, offset: number, start: number, isLarge: boolean }} Entry */

const whole = "the archive";
const most = { entries: 200_000, directoryBytes: 64 * 2 ** 20, nameLength: 200, inMemory: 64 * 2 ** 20 };
const chunkBytes = 2 ** 20;
const full = 0xffffffff;
/** 1 January 2000, 00:00. */
const day = ((2000 - 1980) << 9) | (1 << 5) | 1;
const lastOnes = ["report-card.json", "manifest.dsse.json"];

/** Little-endian numbers as `[width, value]`. @param {readonly (readonly [number, number])[]} fields */
function packed(fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [width, value] of fields) {
    if (width === 2) view.setUint16(at, value, true);
    else if (width === 4) view.setUint32(at, value, true);
    else view.setBigUint64(at, BigInt(value), true);
    at += width;
  }
  return bytes;
}

/** @param {Entry} entry */
const flagsOf = (entry) => (entry.method === 8 ? 0x0808 : 0x0800);

/** The header before an entry's content. Sizes of what was packed on the way stand behind it. @param {Entry} entry */
function localHeader(entry) {
  const isStreamed = entry.method === 8;
  const [crc, small] = isStreamed ? [0, 0] : [entry.crc32, entry.bytes];
  const size = entry.isLarge ? full : small;
  const extra = entry.isLarge ? packed([[2, 1], [2, 16], [8, isStreamed ? 0 : entry.bytes], [8, isStreamed ? 0 : entry.bytes]]) : new Uint8Array(0);
  const name = utf8(entry.name);
  const head = packed([[4, 0x04034b50], [2, entry.isLarge ? 45 : 20], [2, flagsOf(entry)], [2, entry.method], [2, 0], [2, day], [4, crc], [4, size], [4, size], [2, name.length], [2, extra.length]]);
  return concat([head, name, extra]);
}

/** @param {Entry} entry */
function descriptor(entry) {
  if (entry.method === 0) return new Uint8Array(0);
  const width = entry.isLarge ? 8 : 4;
  return packed([[4, 0x08074b50], [4, entry.crc32], [width, entry.packedBytes], [width, entry.bytes]]);
}

/** @param {Entry} entry */
function centralHeader(entry) {
  const { isLarge } = entry;
  const extra = isLarge ? packed([[2, 1], [2, 24], [8, entry.bytes], [8, entry.packedBytes], [8, entry.offset]]) : new Uint8Array(0);
  const name = utf8(entry.name);
  const sizes = isLarge ? [full, full] : [entry.packedBytes, entry.bytes];
  const head = packed([
    [4, 0x02014b50], [2, 0x032d], [2, isLarge ? 45 : 20], [2, flagsOf(entry)], [2, entry.method], [2, 0], [2, day], [4, entry.crc32],
    [4, sizes[0] ?? 0], [4, sizes[1] ?? 0], [2, name.length], [2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0x81a40000], [4, isLarge ? full : entry.offset],
  ]);
  return concat([head, name, extra]);
}

/** @param {readonly Entry[]} entries @param {number} offset @param {number} length */
function endRecords(entries, offset, length) {
  const isLarge = entries.some((entry) => entry.isLarge) || entries.length >= 0xffff || offset >= full;
  const count = entries.length;
  const end64 = packed([[4, 0x06064b50], [8, 44], [2, 0x032d], [2, 45], [4, 0], [4, 0], [8, count], [8, count], [8, length], [8, offset]]);
  const locator = packed([[4, 0x07064b50], [4, 0], [8, offset + length], [4, 1]]);
  const end = packed([[4, 0x06054b50], [2, 0], [2, 0], [2, isLarge ? 0xffff : count], [2, isLarge ? 0xffff : count], [4, isLarge ? full : length], [4, isLarge ? full : offset], [2, 0]]);
  return isLarge ? concat([end64, locator, end]) : end;
}

/** Where the directory stands and how many entries it says it has. @param {Source} source */
async function findDirectory(source) {
  must(source.size >= 22, whole, "is too short for a ZIP archive");
  const tail = await source.read(Math.max(0, source.size - 98), Math.min(98, source.size));
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  const end = tail.length - 22;
  must(view.getUint32(end, true) === 0x06054b50, whole, "does not end as a ZIP archive ends: it is cut off, or something was added");
  if (end >= 76 && view.getUint32(end - 76, true) === 0x06064b50 && view.getUint32(end - 20, true) === 0x07064b50) {
    const at = end - 76;
    const [count, length, offset] = [24, 40, 48].map((place) => Number(view.getBigUint64(at + place, true)));
    return { count: count ?? 0, length: length ?? 0, offset: offset ?? 0, endLength: 98 };
  }
  return { count: view.getUint16(end + 10, true), length: view.getUint32(end + 12, true), offset: view.getUint32(end + 16, true), endLength: 22 };
}

/** @param {Uint8Array} directory @param {number} count */
function readDirectory(directory, count) {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.length);
  /** @type {Entry[]} */
  const entries = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const where = `entry ${index + 1}`;
    must(at + 46 <= directory.length && view.getUint32(at, true) === 0x02014b50, whole, "the directory is no list of entries", where);
    const [nameLength, extraLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true)];
    must(at + 46 + nameLength + extraLength <= directory.length && nameLength <= most.nameLength, whole, "the directory ends within an entry", where);
    const name = textOf(directory.subarray(at + 46, at + 46 + nameLength)) ?? "";
    checkName(name, where);
    const isLarge = extraLength === 28;
    const extra = at + 46 + nameLength + 4;
    const big = (/** @type {number} */ place) => Number(view.getBigUint64(extra + place, true));
    const method = view.getUint16(at + 10, true);
    must(method === 0 || method === 8, name, `is packed by method ${method}, which a bundle never has`);
    const sizes = isLarge ? { bytes: big(0), packedBytes: big(8), offset: big(16) } : { bytes: view.getUint32(at + 24, true), packedBytes: view.getUint32(at + 20, true), offset: view.getUint32(at + 42, true) };
    entries.push({ name, method, crc32: view.getUint32(at + 16, true), ...sizes, start: 0, isLarge });
    at += 46 + nameLength + extraLength;
  }
  return entries;
}

/** Attacker-controlled: a name must not lead out of a folder that somebody unpacks into. @param {string} name @param {string} where */
function checkName(name, where) {
  const isPlain = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(name);
  must(isPlain, whole, `has an entry whose name a bundle never has: ${JSON.stringify(name.slice(0, 60))}`, where);
}

/** @param {readonly Entry[]} entries */
function checkOrder(entries) {
  const rank = (/** @type {string} */ name) => lastOnes.indexOf(name);
  entries.forEach(({ name }, index) => {
    const before = entries[index - 1]?.name;
    if (before === undefined) return;
    const isAgain = lastOnes.includes(name) && entries.slice(0, index).some((other) => other.name === name);
    must(name !== before && !isAgain, name, "is in the archive twice");
    const isSorted = rank(name) !== rank(before) ? rank(name) > rank(before) : name > before;
    must(isSorted, name, `stands behind ${before}; entries are sorted by name, then report card and manifest`);
  });
}

/** @param {Source} source @param {Entry} entry @param {number} from */
async function checkAround(source, entry, from) {
  must(entry.offset === from, entry.name, `does not begin where the entry before it ends (byte ${from})`);
  must(entry.method === 8 || entry.bytes === entry.packedBytes, entry.name, "is stored and has two sizes");
  const header = localHeader(entry);
  entry.start = from + header.length;
  const behind = descriptor(entry);
  must(Number.isSafeInteger(entry.packedBytes) && entry.start + entry.packedBytes + behind.length <= source.size, entry.name, "is longer than the archive");
  must(equal(await source.read(from, header.length), header), entry.name, "the header before it is not the one of a bundle", `byte ${from}`);
  const end = entry.start + entry.packedBytes;
  must(equal(await source.read(end, behind.length), behind), entry.name, "the sizes behind it are not those of the directory", `byte ${end}`);
  return end + behind.length;
}

/**
 * The entries of an archive, after everything around their content was found to be as it has to be.
 * @param {Source} source
 */
export async function readArchive(source) {
  const { count, length, offset, endLength } = await findDirectory(source);
  must(count <= most.entries && length <= most.directoryBytes, whole, "has a directory larger than a bundle's can be");
  must(offset + length + endLength === source.size, whole, "its directory does not end where its end begins: something is missing or was added");
  const directory = await source.read(offset, length);
  const entries = readDirectory(directory, count);
  must(new Set(entries.map(({ name }) => name)).size === entries.length, whole, "has two entries of one name");
  checkOrder(entries);
  let at = 0;
  for (const entry of entries) at = await checkAround(source, entry, at);
  must(at === offset, whole, `has ${offset - at} bytes that belong to no entry`, `byte ${at}`);
  const expected = concat([...entries.map(centralHeader), endRecords(entries, offset, length)]);
  const found = concat([directory, await source.read(offset + length, endLength)]);
  must(equal(found, expected), whole, "the directory is not spelled as a bundle's is");
  return new Map(entries.map((entry) => [entry.name, entry]));
}

/** @param {Source} source @param {Entry} entry */
async function* packedOf(source, entry) {
  for (let at = 0; at < entry.packedBytes; at += chunkBytes) yield await source.read(entry.start + at, Math.min(chunkBytes, entry.packedBytes - at));
}

/** @param {Platform} platform @param {AsyncIterable<Uint8Array>} packed @param {number} most */
async function* inflatedWhole(platform, packed, most) {
  for await (const bytes of packed) {
    const whole = platform.inflateWhole?.(bytes, most);
    if (whole && whole.length > 0) yield whole;
  }
}

/**
 * The content of an entry as it comes, with the bytes that were packed told to `onPacked`. Never more than the directory says.
 * @param {Platform} platform
 * @param {Source} source
 * @param {Entry} entry
 * @param {(bytes: Uint8Array) => void} [onPacked]
 * @returns {AsyncGenerator<Uint8Array>}
 */
export async function* contentOf(platform, source, entry, onPacked = () => {}) {
  async function* told() {
    for await (const bytes of packedOf(source, entry)) {
      onPacked(bytes);
      yield bytes;
    }
  }
  let length = 0;
  try {
    const isSmall = platform.inflateWhole && entry.packedBytes <= chunkBytes && entry.bytes <= 16 * chunkBytes;
    for await (const bytes of entry.method === 0 ? told() : isSmall ? inflatedWhole(platform, told(), entry.bytes) : platform.inflate(told())) {
      length += bytes.length;
      must(length <= entry.bytes, entry.name, "unpacks to more than its size says", `byte ${entry.bytes}`);
      yield bytes;
    }
  } catch (error) {
    if (error instanceof Wrong) throw error;
    throw new Wrong(entry.name, "cannot be unpacked: its packed bytes are damaged", `byte ${length}`);
  }
  must(length === entry.bytes, entry.name, `unpacks to ${length} bytes instead of ${entry.bytes}`, `byte ${length}`);
}

/** The whole content of a small entry. @param {Platform} platform @param {Source} source @param {Entry} entry @param {(bytes: Uint8Array) => void} [onPacked] */
export async function wholeOf(platform, source, entry, onPacked) {
  must(entry.bytes <= most.inMemory, entry.name, "is larger than such a file can be");
  const parts = [];
  for await (const bytes of contentOf(platform, source, entry, onPacked)) parts.push(bytes);
  return concat(parts);
}
