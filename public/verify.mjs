// Checks a bundle of Curfew's evidence (docs/evidence-bundle.md). Needs nothing but Node.js 18 or later, and no network:
//
//   node verify.mjs BUNDLE.zip [--key VKEY]... [--checkpoint FILE] [--json]
//
// Made by scripts/verify/single-file.mjs out of scripts/verify. Take it from a source that you trust rather than from the
// bundle that it is to check.

const $bytes = (() => {
/** Something that a check found: in which file, where in it, and what, in words. */
class Wrong extends Error {
  /**
   * @param {string} file
   * @param {string} what
   * @param {string | null} [at]
   */
  constructor(file, what, at = null) {
    super(what);
    this.file = file;
    this.at = at;
  }
}

/**
 * @param {unknown} condition
 * @param {string} file
 * @param {string} what
 * @param {string | null} [at]
 * @returns {asserts condition}
 */
function must(condition, file, what, at = null) {
  if (!condition) throw new Wrong(file, what, at);
}

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {string} text */
const utf8 = (text) => utf8Encoder.encode(text);

/** UTF-8 as text, or null where it is none. @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    return null;
  }
}

const hexDigits = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, "0"));

/** @param {Uint8Array} bytes */
function hex(bytes) {
  let text = "";
  for (const value of bytes) text += hexDigits[value];
  return text;
}

/** Bytes of lower-case hex, or null. @param {unknown} text */
function fromHex(text) {
  if (typeof text !== "string" || !/^(?:[0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) => Number.parseInt(text.slice(2 * index, 2 * index + 2), 16));
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const sextets = new Int16Array(128).fill(-1);
for (let value = 0; value < 64; value++) sextets[alphabet.charCodeAt(value)] = value;

/** Standard base64 with padding (RFC 4648 §4). @param {Uint8Array} bytes */
function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b = 0, c = 0] = [bytes[at], bytes[at + 1], bytes[at + 2]];
    const all = (a << 16) | (b << 8) | c;
    const left = bytes.length - at;
    text += alphabet[all >> 18] + alphabet[(all >> 12) & 63] + (left > 1 ? alphabet[(all >> 6) & 63] : "=") + (left > 2 ? alphabet[all & 63] : "=");
  }
  return text;
}

/**
 * Bytes of base64 that stands as ASCII in bytes, from `start` to before `end`; null where it is not the one spelling that
 * gives these bytes.
 * @param {Uint8Array} ascii
 */
function fromBase64Bytes(ascii, start = 0, end = ascii.length) {
  const length = end - start;
  if (length % 4 !== 0) return null;
  const padding = length === 0 || ascii[end - 1] !== 61 ? 0 : ascii[end - 2] === 61 ? 2 : 1;
  const bytes = new Uint8Array((length / 4) * 3 - padding);
  let at = 0;
  for (let index = start; index < end; index += 4) {
    const isLast = index + 4 === end;
    let all = 0;
    for (let digit = 0; digit < 4; digit++) {
      const isPadding = isLast && digit >= 4 - padding;
      const code = ascii[index + digit] ?? 0;
      const value = isPadding ? 0 : code < 128 ? (sextets[code] ?? -1) : -1;
      if (value < 0) return null;
      all = (all << 6) | value;
    }
    if (isLast && ((padding === 1 && (all & 0xff) !== 0) || (padding === 2 && (all & 0xffff) !== 0))) return null;
    bytes[at++] = (all >> 16) & 0xff;
    if (at < bytes.length) bytes[at++] = (all >> 8) & 0xff;
    if (at < bytes.length) bytes[at++] = all & 0xff;
  }
  return bytes;
}

/** The same of a text. @param {unknown} text */
function fromBase64(text) {
  return typeof text === "string" && /^[\x20-\x7e]*$/.test(text) ? fromBase64Bytes(utf8(text)) : null;
}

/** Bytes of base64url without padding, or null. @param {unknown} text */
function fromBase64Url(text) {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/").padEnd(Math.ceil(text.length / 4) * 4, "="));
}

/** @param {Uint8Array} bytes */
const base64Url = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** @param {Uint8Array} a @param {Uint8Array} b */
function equal(a, b) {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** @param {readonly Uint8Array[]} parts */
function concat(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
const isRecord = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** RFC 8785: strings and numbers as ECMAScript writes them, names in the order of their UTF-16 code units. @param {unknown} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** JSON, or undefined where it is none. @param {string | null} text */
function jsonOf(text) {
  if (text === null) return undefined;
  try {
    return /** @type {unknown} */ (JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A whole number that a position or a count can be. @param {unknown} value @returns {value is number} */
const isCount = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

return { Wrong, must, utf8, textOf, hex, fromHex, base64, fromBase64Bytes, fromBase64, fromBase64Url, base64Url, equal, concat, isRecord, canonical, jsonOf, isCount };
})();

const $sha256 = (() => {
// SHA-256 (FIPS 180-4) in plain JavaScript, for browsers: Web Crypto hashes only what is whole in memory.

const constants = new Uint32Array(64);
const initial = new Uint32Array(8);
{
  // The first 32 bits of the fractional parts of cube and square roots of the first primes (§4.2.2, §5.3.3).
  const fraction = (/** @type {number} */ root) => Math.floor((root - Math.floor(root)) * 2 ** 32);
  let count = 0;
  for (let candidate = 2; count < 64; candidate++) {
    let isPrime = true;
    for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) isPrime = false;
    if (!isPrime) continue;
    constants[count] = fraction(Math.cbrt(candidate));
    if (count < 8) initial[count] = fraction(Math.sqrt(candidate));
    count++;
  }
}

const schedule = new Int32Array(64);

/** One block of 64 bytes. @param {Int32Array} state @param {Uint8Array} bytes @param {number} at */
function compress(state, bytes, at) {
  const w = schedule;
  for (let i = 0, p = at; i < 16; i++, p += 4) w[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15];
    const y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

/** A hash that bytes are given to one after the other. */
class Sha256 {
  constructor() {
    this.state = Int32Array.from(initial);
    this.block = new Uint8Array(64);
    this.filled = 0;
    this.length = 0;
  }

  /** @param {Uint8Array} bytes */
  update(bytes) {
    this.length += bytes.length;
    let at = 0;
    if (this.filled > 0) {
      at = Math.min(64 - this.filled, bytes.length);
      this.block.set(bytes.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return this;
      compress(this.state, this.block, 0);
      this.filled = 0;
    }
    for (; at + 64 <= bytes.length; at += 64) compress(this.state, bytes, at);
    this.block.set(bytes.subarray(at));
    this.filled = bytes.length - at;
    return this;
  }

  /** @returns {Uint8Array} */
  digest() {
    const { block, filled, length } = this;
    block[filled] = 0x80;
    block.fill(0, filled + 1);
    if (filled >= 56) {
      compress(this.state, block, 0);
      block.fill(0);
    }
    const view = new DataView(block.buffer);
    view.setUint32(56, Math.floor(length / 2 ** 29));
    view.setUint32(60, (length * 8) >>> 0);
    compress(this.state, block, 0);
    const digest = new Uint8Array(32);
    const out = new DataView(digest.buffer);
    for (let i = 0; i < 8; i++) out.setInt32(4 * i, this.state[i]);
    return digest;
  }
}

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => new Sha256().update(bytes).digest();

return { Sha256, sha256 };
})();

const $merkle = (() => {
// RFC 6962 §2.1: leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right).
const { equal } = $bytes;

/** @typedef {(bytes: Uint8Array) => Uint8Array} Hash */

/** Leaf and node hashes over one hash function, without a new buffer for each. @param {Hash} hash */
function treeHashes(hash) {
  const node = new Uint8Array(65);
  node[0] = 1;
  let leaf = new Uint8Array(65_536);
  return {
    /** @param {Uint8Array} entry */
    leaf(entry) {
      if (entry.length >= leaf.length) leaf = new Uint8Array(2 * entry.length);
      leaf[0] = 0;
      leaf.set(entry, 1);
      return hash(leaf.subarray(0, entry.length + 1));
    },
    /** @param {Uint8Array} left @param {Uint8Array} right */
    node(left, right) {
      node.set(left, 1);
      node.set(right, 33);
      return hash(node);
    },
  };
}

/** @typedef {ReturnType<typeof treeHashes>} TreeHashes */

/** Widths of the perfect subtrees that cover positions from `from` to before `to`, left to right, each as wide as it can stand there. @param {number} from @param {number} to */
function subtreeWidths(from, to) {
  const widths = [];
  for (let at = from; at < to; ) {
    let width = 1;
    while (at % (2 * width) === 0 && at + 2 * width <= to) width *= 2;
    widths.push(width);
    at += width;
  }
  return widths;
}

/** The right edge of a growing tree: roots of its perfect subtrees, left to right. */
class Frontier {
  /** @param {TreeHashes} hashes @param {number} from @param {readonly Uint8Array[]} left roots of the subtrees that cover what is before */
  constructor(hashes, from = 0, left = []) {
    this.hashes = hashes;
    this.size = from;
    this.roots = [...left];
  }

  /** @param {Uint8Array} leaf */
  add(leaf) {
    this.addSubtree(leaf, 1);
  }

  /** @param {Uint8Array} root @param {number} width a power of two that divides the size so far */
  addSubtree(root, width) {
    let joined = root;
    for (let left = Math.floor(this.size / width); left % 2 === 1; left = (left - 1) / 2) {
      joined = this.hashes.node(/** @type {Uint8Array} */ (this.roots.pop()), joined);
    }
    this.roots.push(joined);
    this.size += width;
  }

  /** Root of the tree of all that was added, or null where that is nothing. */
  root() {
    let root = this.roots.at(-1) ?? null;
    for (let index = this.roots.length - 2; root !== null && index >= 0; index--) root = this.hashes.node(this.roots[index], root);
    return root;
  }
}

/** RFC 9162 §2.1.3.2. @param {TreeHashes} hashes @param {{ leaf: Uint8Array, index: number, size: number, root: Uint8Array, path: readonly Uint8Array[] }} proof */
function isIncluded(hashes, { leaf, index, size, root, path }) {
  if (index >= size) return false;
  let [place, last, hash] = [index, size - 1, leaf];
  for (const other of path) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      hash = hashes.node(other, hash);
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      hash = hashes.node(hash, other);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && equal(hash, root);
}

/** RFC 9162 §2.1.4.2. @param {TreeHashes} hashes @param {{ first: number, second: number, firstRoot: Uint8Array, secondRoot: Uint8Array, path: readonly Uint8Array[] }} proof */
function isConsistent(hashes, { first, second, firstRoot, secondRoot, path }) {
  if (first > second) return false;
  if (first === second) return path.length === 0 && equal(firstRoot, secondRoot);
  if (first === 0) return path.length === 0;
  const all = 2 ** Math.round(Math.log2(first)) === first ? [firstRoot, ...path] : [...path];
  const [start, ...rest] = all;
  if (!start) return false;
  let [place, last] = [first - 1, second - 1];
  while (place % 2 === 1) [place, last] = [(place - 1) / 2, Math.floor(last / 2)];
  let [one, other] = [start, start];
  for (const hash of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      one = hashes.node(hash, one);
      other = hashes.node(hash, other);
      while (place % 2 === 0 && place > 0) [place, last] = [place / 2, Math.floor(last / 2)];
    } else {
      other = hashes.node(other, hash);
    }
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
  }
  return last === 0 && equal(one, firstRoot) && equal(other, secondRoot);
}

return { treeHashes, subtreeWidths, Frontier, isIncluded, isConsistent };
})();

const $signed = (() => {
// C2SP signed notes, verifier keys, tlog checkpoints and tlog proofs; DSSE envelopes.
const { base64, concat, equal, fromBase64, hex, isRecord, jsonOf, must, textOf, utf8 } = $bytes;

/** @typedef {{ name: string, id: string, publicKey: Uint8Array, vkey: string }} VerifierKey */
/** @typedef {import("../core/platform").Platform} Platform */

const ed25519 = 0x01;

/** @param {Platform} platform @param {string} name @param {number} kind @param {Uint8Array} publicKey */
const keyIdOf = (platform, name, kind, publicKey) => platform.hash(concat([utf8(`${name}\n`), Uint8Array.of(kind), publicKey])).subarray(0, 4);

/** A verifier key `<name>+<key id>+<base64>` of Ed25519, or null. @param {Platform} platform @param {string} text @returns {VerifierKey | null} */
function readVerifierKey(platform, text) {
  const [, name, id, encoded] = /^([^+\s\p{Cc}]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text) ?? [];
  const key = fromBase64(encoded);
  if (!name || !id || !key || key.length !== 33 || key[0] !== ed25519) return null;
  const publicKey = key.subarray(1);
  return hex(keyIdOf(platform, name, ed25519, publicKey)) === id ? { name, id, publicKey, vkey: text } : null;
}

/** The verifier keys of a file, one a line. @param {Platform} platform @param {string} file @param {Uint8Array} bytes */
function readVerifierKeys(platform, file, bytes) {
  const lines = (textOf(bytes) ?? "").split("\n");
  must(lines.pop() === "" && lines.length > 0 && lines.length <= 1_000, file, "holds no verifier keys, one a line");
  return lines.map((line, index) => {
    const key = readVerifierKey(platform, line);
    must(key, file, "is no Ed25519 verifier key of the form name+id+base64 whose id fits its key", `line ${index + 1}`);
    return key;
  });
}

/** @param {string} file @param {Uint8Array} bytes */
function splitNote(file, bytes) {
  must(bytes.length <= 64 * 1024, file, "is larger than a note may be");
  const text = textOf(bytes);
  must(text !== null && !/(?!\n)\p{Cc}/u.test(text) && text.endsWith("\n"), file, "is no signed note: text in UTF-8 that ends with a line end");
  const at = text.lastIndexOf("\n\n");
  must(at >= 0, file, "is no signed note: no empty line before signatures");
  const lines = text.slice(at + 2, -1).split("\n");
  const signatures = lines.map((line, index) => {
    const [, name, encoded] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
    const signature = fromBase64(encoded);
    must(name && signature && signature.length > 4, file, "is no signature line", `signature ${index + 1}`);
    return { name, id: hex(signature.subarray(0, 4)), signature: signature.subarray(4) };
  });
  return { body: text.slice(0, at + 1), signatures };
}

/**
 * Who of the keys signed a note. A known key whose signature does not fit makes the whole note worthless; unknown ones say nothing.
 * @param {Platform} platform
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {readonly VerifierKey[]} keys
 */
async function readNote(platform, file, bytes, keys) {
  const { body, signatures } = splitNote(file, bytes);
  /** @type {VerifierKey[]} */
  const signers = [];
  for (const { name, id, signature } of signatures) {
    const key = keys.find((one) => one.name === name && one.id === id);
    if (!key) continue;
    must(await platform.ed25519(key.publicKey, utf8(body), signature), file, `the signature of ${name} (key ${id}) does not fit what is signed`);
    signers.push(key);
  }
  return { body, signers, others: signatures.filter(({ name, id }) => !signers.some((key) => key.name === name && key.id === id)) };
}

/** @typedef {{ origin: string, size: number, root: Uint8Array, body: string, signers: VerifierKey[], others: { name: string, id: string }[] }} Checkpoint */

/** A checkpoint that at least one of the keys signed. @param {Platform} platform @param {string} file @param {Uint8Array} bytes @param {readonly VerifierKey[]} keys @returns {Promise<Checkpoint>} */
async function readCheckpoint(platform, file, bytes, keys) {
  const { body, signers, others } = await readNote(platform, file, bytes, keys);
  const [origin = "", size = "", root = ""] = body.split("\n");
  const hash = fromBase64(root);
  must(origin !== "" && /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size)) && hash?.length === 32, file, "is no checkpoint: origin, size and root hash in lines of their own");
  const log = signers.filter(({ name }) => name === origin);
  must(log.length > 0, file, `is signed by none of the keys of ${origin} that were given`);
  return { origin, size: Number(size), root: hash, body, signers: log, others };
}

/** Hashes, one base64 line each. @param {string} file @param {readonly string[]} lines @param {number} offset of the first one in its file */
function readHashes(file, lines, offset) {
  return lines.map((line, index) => {
    const hash = fromBase64(line);
    must(hash?.length === 32, file, "is no hash of 32 bytes in base64", `line ${index + 1 + offset}`);
    return hash;
  });
}

/** `c2sp.org/tlog-proof@v1`. @param {string} file @param {Uint8Array} bytes */
function readProof(file, bytes) {
  const text = textOf(bytes) ?? "";
  const at = text.indexOf("\n\n");
  const [kind, index = "", ...path] = text.slice(0, Math.max(at, 0)).split("\n");
  must(kind === "c2sp.org/tlog-proof@v1" && /^index (0|[1-9]\d{0,15})$/.test(index), file, "is no tlog-proof with an index");
  return { index: Number(index.slice("index ".length)), path: readHashes(file, path, 2), checkpoint: utf8(text.slice(at + 2)) };
}

/** What DSSE signs: `DSSEv1 <length> <type> <length> <payload>`. @param {string} type @param {Uint8Array} payload */
const preAuthEncoding = (type, payload) => concat([utf8(`DSSEv1 ${utf8(type).length} ${type} ${payload.length} `), payload]);

/**
 * The payload of an envelope that one of the keys signed. The envelope is held to the one spelling that Curfew writes, so
 * that nothing in it can be changed, not even what no signature covers.
 * @param {Platform} platform
 * @param {string} file
 * @param {Uint8Array} bytes
 * @param {readonly VerifierKey[]} keys
 */
async function readEnvelope(platform, file, bytes, keys) {
  const envelope = jsonOf(textOf(bytes));
  must(isRecord(envelope) && typeof envelope.payloadType === "string" && Array.isArray(envelope.signatures), file, "is no DSSE envelope");
  const payload = fromBase64(envelope.payload);
  must(payload, file, "the payload is not base64");
  const [one, ...more] = envelope.signatures;
  const signature = isRecord(one) ? fromBase64(one.sig) : null;
  must(isRecord(one) && typeof one.keyid === "string" && signature && more.length === 0, file, "has not one signature with key id");
  const spelled = `${JSON.stringify({ payload: base64(payload), payloadType: envelope.payloadType, signatures: [{ keyid: one.keyid, sig: base64(signature) }] })}\n`;
  must(equal(utf8(spelled), bytes), file, "is not spelled as Curfew spells an envelope");
  const key = keys.find((candidate) => one.keyid === candidate.vkey || one.keyid === candidate.id || one.keyid === `${candidate.name}+${candidate.id}`);
  must(key, file, `is signed by the key ${String(one.keyid)}, which was not given`);
  const isSigned = signature.length === 64 && (await platform.ed25519(key.publicKey, preAuthEncoding(envelope.payloadType, payload), signature));
  must(isSigned, file, `the signature of ${key.name} (key ${key.id}) does not fit the manifest`);
  return { type: envelope.payloadType, payload, key };
}

return { readVerifierKey, readVerifierKeys, readNote, readCheckpoint, readHashes, readProof, preAuthEncoding, readEnvelope };
})();

const $archive = (() => {
// ZIP (APPNOTE 6.3) in the one form that a bundle has: every byte of an archive is either content or follows from it, so
// that no byte can be changed unnoticed. What of the form does not hold names the entry.
const { concat, equal, must, textOf, utf8, Wrong } = $bytes;

/** @typedef {import("../core/platform").Source} Source */
/** @typedef {import("../core/platform").Platform} Platform */
/** @typedef {{ name: string, method: 0 | 8, crc32: number, packedBytes: number, bytes: number, offset: number, start: number, isLarge: boolean }} Entry */

const whole = "the archive";
const most = { entries: 20_000, directoryBytes: 8 * 2 ** 20, nameLength: 200, inMemory: 64 * 2 ** 20 };
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
    must(name !== before && !entries.slice(0, index).some((other) => lastOnes.includes(name) && other.name === name), name, "is in the archive twice");
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
async function readArchive(source) {
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
async function* contentOf(platform, source, entry, onPacked = () => {}) {
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
async function wholeOf(platform, source, entry, onPacked) {
  must(entry.bytes <= most.inMemory, entry.name, "is larger than such a file can be");
  const parts = [];
  for await (const bytes of contentOf(platform, source, entry, onPacked)) parts.push(bytes);
  return concat(parts);
}

return { readArchive, contentOf, wholeOf };
})();

const $text = (() => {
const { concat, must, textOf } = $bytes;

const longestLine = 64 * 2 ** 20;

/**
 * The lines of a file, in batches as its chunks come: `lines(chunk)` are views of bytes without their line ends and hold
 * until the next batch.
 * @param {string} file
 * @param {AsyncIterable<Uint8Array>} chunks
 * @returns {AsyncGenerator<Uint8Array[]>}
 */
async function* lineBatches(file, chunks) {
  /** @type {Uint8Array[]} */
  let rest = [];
  let restLength = 0;
  for await (const chunk of chunks) {
    const lines = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = chunk.subarray(start, end);
      lines.push(restLength === 0 ? line : concat([...rest, line]));
      if (restLength > 0) [rest, restLength] = [[], 0];
      start = end + 1;
    }
    if (start < chunk.length) {
      rest.push(chunk.slice(start));
      restLength += chunk.length - start;
      must(restLength <= longestLine, file, "has a line longer than any can be");
    }
    yield lines;
  }
  must(restLength === 0, file, "does not end with a line end: its last line is cut off");
}

/** JSON Lines: each line parsed, with its number from 1. @param {string} file @param {AsyncIterable<Uint8Array>} chunks */
async function* jsonLines(file, chunks) {
  let number = 0;
  for await (const batch of lineBatches(file, chunks)) {
    for (const line of batch) {
      number += 1;
      const text = textOf(line);
      let value;
      try {
        value = /** @type {unknown} */ (JSON.parse(text ?? ""));
      } catch {
        must(false, file, "is no JSON", `line ${number}`);
      }
      yield { number, value };
    }
  }
}

/**
 * Records of CSV (RFC 4180, LF), each with the number of the line that it begins in. A value in quotes is a text, one
 * without may be null where it is empty.
 * @param {string} file
 * @param {AsyncIterable<Uint8Array>} chunks
 */
async function* csvRecords(file, chunks) {
  let before = "";
  let number = 0;
  let begins = 1;
  for await (const batch of lineBatches(file, chunks)) {
    for (const bytes of batch) {
      number += 1;
      const line = textOf(bytes);
      must(line !== null, file, "is not UTF-8", `line ${number}`);
      const text = before === "" ? line : `${before}\n${line}`;
      // A record goes on while a quote is open.
      if (isOpen(text)) {
        before = text;
        must(before.length <= longestLine, file, "has a value longer than any can be", `line ${begins}`);
        continue;
      }
      yield { number: begins, values: split(file, begins, text) };
      before = "";
      begins = number + 1;
    }
  }
  must(before === "", file, "a value in quotes has no end", `line ${begins}`);
}

/** @param {string} text */
function isOpen(text) {
  let count = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) count += 1;
  return count % 2 === 1;
}

/** @param {string} file @param {number} number @param {string} text */
function split(file, number, text) {
  if (!text.includes('"')) return text.split(",").map((value) => (value === "" ? null : value));
  /** @type {(string | null)[]} */
  const values = [];
  const pattern = /("(?:[^"]|"")*"|[^",]*)(,|$)/gy;
  for (;;) {
    const found = pattern.exec(text);
    must(found, file, "is no record of CSV", `line ${number}`);
    const [, value = "", end] = found;
    values.push(value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value === "" ? null : value);
    if (end === "") return values;
  }
}

return { lineBatches, jsonLines, csvRecords };
})();

const $passkey = (() => {
// What WebAuthn §7.2 asks of an answer, over a stored proof, but for the last step: whether the signature fits is left to
// whoever has the means; `signatureOf` says whose it has to be, over what. RFC 8785, RFC 9052, RFC 8949.
const { base64Url, canonical, concat, equal, fromBase64Url, hex, isRecord, jsonOf, textOf, utf8 } = $bytes;

/** @typedef {(bytes: Uint8Array) => Uint8Array} Hash */
/** @typedef {import("../core/platform").PublicJwk} PublicJwk */
/** @typedef {{ proofDigest?: string | undefined, digest?: string | undefined, origin?: string | undefined }} Expected */
/** @typedef {Record<string, string> & { version: number, userVerified: boolean, counter: number }} Proof */

const fieldTypes = {
  version: "number", id: "string", personId: "string", rpId: "string", origin: "string", statement: "string", digest: "string",
  challenge: "string", credentialId: "string", publicKey: "string", authenticatorData: "string", clientDataJson: "string",
  signature: "string", userVerified: "boolean", counter: "number", verifiedAt: "string",
};

/** What is wrong with a proof. */
class WrongProof extends Error {}

/** @param {unknown} condition @param {string} otherwise @returns {asserts condition} */
function holds(condition, otherwise) {
  if (!condition) throw new WrongProof(otherwise);
}

/**
 * Whose signature over which bytes the proof stands or falls with. Throws the first other thing that is wrong.
 * @param {Hash} hash
 * @param {unknown} given
 * @param {Expected} [expected]
 */
function signatureOf(hash, given, { proofDigest, digest, origin } = {}) {
  const proof = checkShape(given);
  const digestOf = (/** @type {unknown} */ value) => hex(hash(utf8(canonical(value))));
  if (proofDigest !== undefined) holds(digestOf(proof) === proofDigest, "the proof is not the one that the ledger names");
  if (origin !== undefined) holds(proof.origin === origin, `the proof is of ${proof.origin}, not of ${origin}`);
  const statement = checkStatement(hash, proof);
  if (digest !== undefined) holds(digestOf(statement.approves) === digest, "something else was approved");
  checkClientData(proof);
  checkAuthenticatorData(hash, proof);
  const message = concat([bytes(proof.authenticatorData, "authenticatorData"), hash(bytes(proof.clientDataJson, "clientDataJson"))]);
  return { key: readCoseKey(bytes(proof.publicKey, "publicKey")), message, signature: bytes(proof.signature, "signature") };
}

/** @param {unknown} proof @returns {Proof} */
function checkShape(proof) {
  holds(isRecord(proof), "the proof is no JSON object");
  for (const [name, type] of Object.entries(fieldTypes)) holds(typeof proof[name] === type, `${name} is missing or no ${type}`);
  const unknown = Object.keys(proof).find((name) => !Object.hasOwn(fieldTypes, name));
  holds(unknown === undefined, `${unknown} is no field of a proof`);
  holds(proof.version === 1, `version ${String(proof.version)} is not known`);
  return /** @type {Proof} */ (proof);
}

/** @param {Hash} hash @param {Proof} proof */
function checkStatement(hash, proof) {
  const statement = parsed(proof.statement, "the statement");
  holds(isRecord(statement) && canonical(statement) === proof.statement, "the statement is not canonical JSON");
  holds(equal(hash(utf8(proof.statement)), bytes(proof.challenge, "challenge")), "the challenge is not the SHA-256 of the statement");
  holds(statement.version === 1 && statement.purpose === "step-up", "the statement is not about a step-up");
  holds(statement.person === proof.personId, "the statement names another person");
  holds(isRecord(statement.approves), "the statement approves nothing");
  holds(hex(hash(utf8(canonical(statement.approves)))) === proof.digest, "the digest is not of what the statement approves");
  const [asked = NaN, at = NaN, before = NaN] = [statement.askedAt, proof.verifiedAt, statement.answerBefore].map((text) => Date.parse(String(text)));
  holds(asked <= at && at < before, "it was verified outside the time in which it could be answered");
  const key = hex(hash(bytes(proof.publicKey, "publicKey")));
  const asks = (Array.isArray(statement.passkeys) ? statement.passkeys : []).filter(isRecord);
  holds(asks.some((one) => one.credential === proof.credentialId), "the passkey is none of those that were asked");
  holds(asks.some((one) => one.credential === proof.credentialId && one.key === key), "the public key is not that of the passkey that was asked");
  return statement;
}

/** @param {Proof} proof */
function checkClientData(proof) {
  const client = parsed(textOf(bytes(proof.clientDataJson, "clientDataJson")), "clientDataJson");
  holds(isRecord(client) && client.type === "webauthn.get", "the browser did not ask for a signature");
  holds(client.challenge === proof.challenge, "the browser asked for another challenge");
  holds(client.origin === proof.origin, "the browser was at another origin");
  holds((client.crossOrigin ?? false) === false && client.topOrigin === undefined, "the page stood in a frame of another site");
  const [, protocol, hostname = ""] = /^(https?:)\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?$/.exec(proof.origin) ?? [];
  holds(hostname === proof.rpId || hostname.endsWith(`.${proof.rpId}`), "the origin is not of the relying party");
  holds(protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost"), "the origin is not secure");
}

/** @param {Hash} hash @param {Proof} proof */
function checkAuthenticatorData(hash, proof) {
  const data = bytes(proof.authenticatorData, "authenticatorData");
  holds(data.length >= 37, "authenticatorData is too short");
  holds(equal(data.subarray(0, 32), hash(utf8(proof.rpId))), "the passkey signed for another relying party");
  const flags = data[32] ?? 0;
  holds((flags & 0x01) !== 0, "nobody was present");
  holds((flags & 0x04) !== 0, "the passkey did not check who was present");
  holds(proof.userVerified === true, "the proof says that the passkey did not check who was present");
  holds((flags & 0x18) !== 0x10, "the flags say backed up and not able to be");
  holds(new DataView(data.buffer, data.byteOffset).getUint32(33) === proof.counter, "the counter is another one");
}

/** @param {string | null} text @param {string} what */
function parsed(text, what) {
  const value = jsonOf(text);
  holds(value !== undefined, `${what} is no JSON`);
  return value;
}

/** Bytes of base64url without padding; only the one spelling that gives these bytes. @param {string} text @param {string} what */
function bytes(text, what) {
  const read = fromBase64Url(text);
  holds(read && base64Url(read) === text, `${what} is not base64url`);
  return read;
}

/** COSE keys of ES256, RS256 and EdDSA (RFC 9053 §7, RFC 8230). @param {Uint8Array} encoded @returns {PublicJwk} */
function readCoseKey(encoded) {
  const { value: map, end } = readCbor(encoded, 0);
  holds(map instanceof Map && end === encoded.length, "the public key is no COSE key");
  const part = (/** @type {number} */ label) => {
    const value = /** @type {unknown} */ (map.get(label));
    holds(value instanceof Uint8Array, "the public key lacks a part");
    return base64Url(value);
  };
  const kind = `${map.get(1)} ${map.get(3)} ${map.get(1) === 3 ? "" : map.get(-1)}`;
  /** @type {Record<string, () => PublicJwk>} */
  const keys = {
    "2 -7 1": () => ({ kty: "EC", crv: "P-256", x: part(-2), y: part(-3) }),
    "1 -8 6": () => ({ kty: "OKP", crv: "Ed25519", x: part(-2) }),
    "3 -257 ": () => ({ kty: "RSA", n: part(-1), e: part(-2) }),
  };
  const read = Object.hasOwn(keys, kind) ? keys[kind] : undefined;
  holds(read, `a public key of kind, algorithm and curve ${kind} is not known`);
  return read();
}

/**
 * The part of CBOR (RFC 8949) that a COSE key is written in: integers, byte strings, texts and maps of known length.
 * @param {Uint8Array} data
 * @param {number} start
 * @returns {{ value: unknown, end: number }}
 */
function readCbor(data, start) {
  const { major, argument, end } = readHead(data, start);
  if (major === 0) return { value: argument, end };
  if (major === 1) return { value: -1 - argument, end };
  if (major === 2 || major === 3) {
    holds(end + argument <= data.length, "the public key ends too early");
    const content = data.subarray(end, end + argument);
    return { value: major === 2 ? content : textOf(content), end: end + argument };
  }
  holds(major === 5 && argument <= 16, "the public key holds what no COSE key holds");
  const map = new Map();
  let at = end;
  for (let index = 0; index < argument; index++) {
    const name = readCbor(data, at);
    const value = readCbor(data, name.end);
    holds(!map.has(name.value), "the public key says something twice");
    map.set(name.value, value.value);
    at = value.end;
  }
  return { value: map, end: at };
}

/** @param {Uint8Array} data @param {number} start */
function readHead(data, start) {
  const first = data[start];
  holds(first !== undefined, "the public key ends too early");
  const [major, short] = [first >> 5, first & 0x1f];
  if (short < 24) return { major, argument: short, end: start + 1 };
  const length = short === 24 ? 1 : short === 25 ? 2 : short === 26 ? 4 : 0;
  holds(length > 0 && start + 1 + length <= data.length, "the public key ends too early");
  return { major, argument: data.subarray(start + 1, start + 1 + length).reduce((sum, value) => sum * 256 + value, 0), end: start + 1 + length };
}

return { WrongProof, signatureOf };
})();

const $sample = (() => {
// Samples that anybody can draw again: seed = SHA-256("sample/v1\n" checkpoint root (base64) "\n" nonce "\n" stratum), rank =
// SHA-256(seed in hex "\n" id), lowest first.
const { base64, hex, utf8 } = $bytes;

/** @param {(bytes: Uint8Array) => Uint8Array} hash @param {{ root: Uint8Array, nonce: string, stratum: string }} of */
const seedOf = (hash, { root, nonce, stratum }) => hex(hash(utf8(`sample/v1\n${base64(root)}\n${nonce}\n${stratum}`)));

/** @param {(bytes: Uint8Array) => Uint8Array} hash @param {string} seed @param {string} id */
const rankOf = (hash, seed, id) => hex(hash(utf8(`${seed}\n${id}`)));

/** What a row is called in a sample. @param {Record<string, unknown>} row */
const itemOf = (row) => String(row.grant_id ?? row.request_id ?? `position-${String(row.ledger_first)}`);

/** Whether a row belongs to a stratum: `all`, or `<column>:<value>`. @param {Record<string, unknown>} row @param {string} stratum */
function isOf(row, stratum) {
  const [column = "", ...value] = stratum.split(":");
  return stratum === "all" || (value.length > 0 && row[column] === value.join(":"));
}

/** @typedef {{ id: string, rank: string, row: Record<string, unknown>, events: number }} Drawn */

/** The first `count` of all that are offered, by rank. */
class Draw {
  /** @param {(bytes: Uint8Array) => Uint8Array} hash @param {{ root: Uint8Array, nonce: string, stratum: string, count: number }} of */
  constructor(hash, of) {
    this.hash = hash;
    this.stratum = of.stratum;
    this.most = of.count;
    this.seed = seedOf(hash, of);
    /** @type {Drawn[]} */
    this.drawn = [];
  }

  /** @param {Record<string, unknown>} row @param {number} events how many its chain has */
  offer(row, events) {
    if (!isOf(row, this.stratum)) return;
    const id = itemOf(row);
    const rank = rankOf(this.hash, this.seed, id);
    const isBehind = this.drawn.length >= this.most && rank >= (this.drawn.at(-1)?.rank ?? "");
    if (isBehind || this.drawn.some((other) => other.id === id)) return;
    const at = this.drawn.findIndex((other) => rank < other.rank);
    this.drawn.splice(at < 0 ? this.drawn.length : at, 0, { id, rank, row, events });
    if (this.drawn.length > this.most) this.drawn.pop();
  }
}

return { seedOf, rankOf, itemOf, isOf, Draw };
})();

const $facts = (() => {
// What the events of the log say about requests and their grants, told again from the events alone.
const { isRecord } = $bytes;

/** @typedef {{ person: string, answer: string, at: string, reason: string | null | undefined, proofId: string | null }} Vote */
/**
 * @typedef {object} RequestFacts
 * @property {string} state
 * @property {string | null} askedAt
 * @property {string | null} requesterKind
 * @property {string | null} requesterId
 * @property {string | null} identityId
 * @property {readonly string[]} entitlementIds
 * @property {string | null} purpose
 * @property {string | null} ticketKey
 * @property {number | null} askedSeconds
 * @property {string | null} decidedAt
 * @property {Vote[]} votes
 * @property {Record<string, unknown> | null} policy
 * @property {string[]} grants
 * @property {boolean} wasApproved
 * @property {string | null} intent the free sentence, where it stands in clear
 * @property {number} events
 * @property {number} first
 * @property {number} last
 * @property {boolean} isEmergency
 */
/** @typedef {Record<string, string | number | null> & { state: string, requestId: string }} GrantFacts */
/** @typedef {{ position: number, askedAt: string, code: string | null, identityId: string | null, entitlementId: string | null, requesterKind: string | null, requesterId: string | null, intent: string | null }} RefusedFacts */

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : null);
/** @param {unknown} value */
const number = (value) => (typeof value === "number" ? value : null);
/** @param {unknown} value @returns {string[]} */
const texts = (value) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);

/** @typedef {{ at: string, actor: Record<string, unknown>, data: Record<string, unknown> }} Happening */

/** How an event changes what is known of a request. @type {Record<string, (request: RequestFacts, event: Happening & { clear: ReadonlyMap<string, string>, hashed: Record<string, unknown> }) => void>} */
const onRequest = {
  "request.submitted": (request, { at, actor, data, clear }) => {
    asked(request, at, actor);
    Object.assign(request, { intent: clear.get("intent") ?? null, identityId: text(data.identityId), entitlementIds: texts(data.entitlementIds), purpose: text(data.purpose), ticketKey: text(data.ticketKey), askedSeconds: number(data.durationSeconds) });
  },
  "break-glass.asked": (request, { at, actor }) => {
    if (request.askedAt !== null) return;
    asked(request, at, actor);
    request.isEmergency = true;
  },
  "policy.decided": (request, { data }) => {
    if (data.moment === "request" && request.policy === null) request.policy = data;
  },
  "request.voted": (request, { at, actor, data, clear, hashed }) => {
    // Undefined: there is a reason, and it does not stand in clear.
    const reason = clear.get("reason") ?? (typeof hashed.reason === "string" ? undefined : null);
    request.votes.push({ person: String(actor.id), answer: String(data.answer), at, reason, proofId: text(data.proofId) });
  },
  "request.votes-voided": (request, { data }) => {
    const people = texts(data.people);
    request.votes = request.votes.filter(({ person, answer, proofId }) => answer !== "approve" || proofId !== null || !people.includes(person));
  },
  "request.approved": (request, { at }) => approved(request, at),
  "request.denied": (request, { at }) => decided(request, "denied", at),
  "request.withdrawn": (request, { at }) => decided(request, "withdrawn", at),
  "request.lapsed": (request, { at }) => {
    if (request.state === "pending") decided(request, "lapsed", at);
    else request.state = "lapsed";
  },
  "break-glass.opened": (request, { at }) => {
    request.isEmergency = true;
    approved(request, at);
  },
};

/** @param {RequestFacts} request @param {string} at */
function approved(request, at) {
  decided(request, "approved", at);
  request.wasApproved = true;
}

/** @param {RequestFacts} request @param {string} at @param {Record<string, unknown>} actor */
function asked(request, at, actor) {
  Object.assign(request, { state: "pending", askedAt: at, requesterKind: text(actor.kind), requesterId: text(actor.id) });
}

/** @param {RequestFacts} request @param {string} state @param {string} at */
function decided(request, state, at) {
  request.state = state;
  request.decidedAt = at;
}

/** The same of a grant. @type {Record<string, (event: Happening) => Record<string, string | number | null>>} */
const onGrant = {
  "grant.ready": ({ data }) => ({ state: "ready", entitlementId: text(data.entitlementId), grantedSeconds: number(data.durationSeconds), replaces: text(data.replaces) }),
  "grant.issuing": ({ data }) => ({ state: "issuing", credential: text(data.handle), notAfter: text(data.notAfter) }),
  "grant.active": ({ at, data }) => ({ state: "active", issuedAt: at, credential: text(data.handle), targetId: text(data.targetId), notAfter: text(data.notAfter) }),
  "grant.failed": ({ data }) => ({ state: "failed", failure: text(data.code) }),
  "grant.lapsed": () => ({ state: "lapsed" }),
  "grant.ending": ({ at, actor, data }) => ({
    state: "ending", endedAt: at, endReason: text(data.reason), endedBy: actor.kind === "person" ? text(actor.id) : null,
    acceptedAt: null, cut: null, provenAt: null, method: null, strength: null, seenBy: null, firstLook: null, secondLook: null,
  }),
  "grant.stuck": () => ({ state: "stuck" }),
  "grant.accepted": ({ at, data }) => ({ state: "accepted", acceptedAt: at, cut: number(data.sessionsCut) }),
  "grant.proven": ({ at, data }) => ({
    state: "proven", provenAt: at, method: text(data.method), strength: text(data.strength), seenBy: text(data.seenBy),
    firstLook: texts(data.looks)[0] ?? null, secondLook: texts(data.looks)[1] ?? null,
  }),
  "grant.not-provable": () => ({ state: "not-provable" }),
  "grant.expired-unproven": () => ({ state: "expired-unproven" }),
  "grant.forced": () => ({ state: "forced" }),
};

/** @type {Record<string, unknown>} */
const none = {};
/** @param {unknown} value */
const part = (value) => (isRecord(value) ? value : none);

/** What the events say, as far as they are in the bundle in clear. */
class Facts {
  /** @param {(bytes: Uint8Array) => Uint8Array} hash @param {ReadonlySet<string | number> | null} [only] requests, and positions of refused asks, that are meant; null: all */
  constructor(hash, only = null) {
    this.hash = hash;
    this.only = only;
    /** Takes refused asks instead of `refused`. @type {((refused: RefusedFacts) => void) | null} */
    this.onRefused = null;
    /** @type {Map<string, RequestFacts>} */
    this.requests = new Map();
    /** @type {Map<string, GrantFacts>} */
    this.grants = new Map();
    /** @type {Map<number, RefusedFacts>} by position */
    this.refused = new Map();
    /** Proofs of passkeys that events name: SHA-256 of the proof where the event has it. @type {Map<string, { digest: string | null, position: number }>} */
    this.proofs = new Map();
    /** @type {Map<string, number>} policy hash → first position that names it */
    this.policies = new Map();
    /** @type {Map<string, number>} SHA-256 of a ticket's snapshot → first position that names it */
    this.tickets = new Map();
  }

  /**
   * @param {number} position
   * @param {Record<string, unknown>} event
   * @param {ReadonlyMap<string, string>} clear what stands beside it in clear
   */
  add(position, event, clear) {
    const type = String(event.type);
    const subjects = part(event.subjects);
    const happening = { at: String(event.at), actor: part(event.actor), data: part(event.data), position, clear, hashed: part(event.hashed) };
    if (this.only === null) this.note(type, happening);
    const requestId = text(subjects.request);
    if (type === "request.refused" && this.isMeant(null, position)) this.refuse(happening);
    if (requestId === null || !this.isMeant(requestId, position)) return;
    const request = this.request(requestId, position);
    request.events += 1;
    request.identityId ??= text(subjects.identity);
    onRequest[type]?.(request, happening);
    const grantId = text(subjects.grant);
    const change = onGrant[type];
    if (grantId === null || !change) return;
    const known = this.grants.get(grantId);
    if (!known) request.grants.push(grantId);
    this.grants.set(grantId, Object.assign(known ?? { state: "", requestId }, change(happening)));
  }

  /** @param {string | null} requestId @param {number} position of a refused ask */
  isMeant(requestId, position) {
    return this.only === null || this.only.has(requestId ?? position);
  }

  /** @param {string} requestId */
  forget(requestId) {
    for (const grant of this.requests.get(requestId)?.grants ?? []) this.grants.delete(grant);
    this.requests.delete(requestId);
  }

  /** @param {string} id @param {number} position @returns {RequestFacts} */
  request(id, position) {
    const known = this.requests.get(id);
    if (known) {
      known.last = position;
      return known;
    }
    /** @type {RequestFacts} */
    const made = {
      state: "", askedAt: null, requesterKind: null, requesterId: null, identityId: null, entitlementIds: [], purpose: null, ticketKey: null, askedSeconds: null,
      decidedAt: null, votes: [], policy: null, grants: [], wasApproved: false, intent: null, events: 0, first: position, last: position, isEmergency: false,
    };
    this.requests.set(id, made);
    return made;
  }

  /** What other files are held against. @param {string} type @param {Happening & { position: number }} happening */
  note(type, { data, position }) {
    const proofId = text(data.proofId);
    if (proofId !== null) {
      const digest = text(data.proofDigest) ?? this.proofs.get(proofId)?.digest ?? null;
      this.proofs.set(proofId, { digest, position: this.proofs.get(proofId)?.position ?? position });
    }
    const policy = text(data.policyHash);
    if (policy !== null && !this.policies.has(policy)) this.policies.set(policy, position);
    const ticket = type === "ticket.checked" ? text(data.hash) : null;
    if (ticket !== null && !this.tickets.has(ticket)) this.tickets.set(ticket, position);
  }

  /** @param {Happening & { position: number, clear: ReadonlyMap<string, string> }} happening */
  refuse({ at, actor, data, position, clear }) {
    const refused = {
      position, askedAt: at, code: text(data.code), identityId: text(data.identityId), entitlementId: texts(data.entitlementIds)[0] ?? null,
      requesterKind: text(actor.kind), requesterId: text(actor.id), intent: clear.get("intent") ?? null,
    };
    if (this.onRefused) this.onRefused(refused);
    else this.refused.set(position, refused);
  }
}

return { Facts };
})();

const $reading = (() => {
const { hex, must, textOf, Wrong } = $bytes;
const { contentOf, wholeOf } = $archive;

/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */
/** @typedef {import("../formats/archive.mjs").Entry} Entry */
/** @typedef {{ file: string, at: string | null, what: string }} Problem */
/** @typedef {{ bytes: number, sha256: string, packed: { method: string, bytes: number, sha256: string, crc32: number } }} Signed what the manifest says of a file */

const mostProblems = 50;

/** The files of one archive, each held against the manifest while it is read; what is wrong is kept in the order in which it was found. */
class Files {
  /** @param {Platform} platform @param {Source} source @param {Map<string, Entry>} entries */
  constructor(platform, source, entries) {
    this.platform = platform;
    this.source = source;
    this.entries = entries;
    /** @type {Map<string, Signed>} */
    this.signed = new Map();
    /** @type {Problem[]} */
    this.problems = [];
    /** @type {Set<string>} files that were read to their end and are what was signed */
    this.same = new Set();
  }

  /** @param {string} file @param {string} what @param {string | null} [at] */
  note(file, what, at = null) {
    if (this.problems.length < mostProblems) this.problems.push({ file, at, what });
  }

  /** @param {string} name */
  has(name) {
    return this.entries.has(name);
  }

  /** @param {string} name */
  entry(name) {
    const entry = this.entries.get(name);
    must(entry, name, "is not in the archive");
    return entry;
  }

  /** A file's content as it comes; at its end it has to be what was signed. @param {string} name @returns {AsyncGenerator<Uint8Array>} */
  async *read(name) {
    const [content, packed] = [this.platform.hasher(), this.platform.hasher()];
    const entry = this.entry(name);
    const isPacked = entry.method === 8;
    for await (const bytes of contentOf(this.platform, this.source, entry, isPacked ? (part) => packed.update(part) : undefined)) {
      content.update(bytes);
      yield bytes;
    }
    const digest = hex(content.digest());
    const wrong = this.difference(name, digest, isPacked ? hex(packed.digest()) : digest);
    if (wrong !== null) throw new Wrong(name, wrong);
    this.same.add(name);
  }

  /** @param {string} name @param {string} digest @param {string} packedDigest */
  difference(name, digest, packedDigest) {
    const signed = this.signed.get(name);
    if (!signed) return "is not named in the manifest";
    const { packed } = signed;
    if (signed.sha256 !== digest) return `is not the file that was signed: its SHA-256 is ${digest}`;
    const entry = this.entry(name);
    const isSame = packed.sha256 === packedDigest && packed.crc32 === entry.crc32 && packed.bytes === entry.packedBytes && signed.bytes === entry.bytes && packed.method === (entry.method === 8 ? "deflated" : "stored");
    return isSame ? null : "is packed in another way than it was when it was signed";
  }

  /** The whole of a small file, whether it is what was signed or not; the latter is noted. @param {string} name */
  async whole(name) {
    const entry = this.entry(name);
    const packed = this.platform.hasher();
    const bytes = await wholeOf(this.platform, this.source, entry, entry.method === 8 ? (part) => packed.update(part) : undefined);
    const digest = hex(this.platform.hash(bytes));
    const wrong = this.difference(name, digest, entry.method === 8 ? hex(packed.digest()) : digest);
    if (wrong === null) this.same.add(name);
    else this.note(name, wrong);
    return bytes;
  }

  /** The same as text of JSON. @param {string} name @returns {Promise<Record<string, unknown>>} */
  async json(name) {
    const text = textOf(await this.whole(name));
    let value;
    try {
      value = /** @type {unknown} */ (JSON.parse(text ?? ""));
    } catch {
      value = null;
    }
    must(typeof value === "object" && value !== null && !Array.isArray(value), name, "is no JSON object");
    return /** @type {Record<string, unknown>} */ (value);
  }

  /**
   * Does a check that reads files. What it finds is noted, with whether the file that it is about is the one that was signed.
   * @param {readonly string[]} names files that the check reads
   * @param {() => Promise<void>} check
   */
  async checking(names, check) {
    try {
      await check();
      return true;
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      await this.blame(names, error);
      return false;
    }
  }

  /** @param {readonly string[]} names @param {Wrong} error */
  async blame(names, error) {
    const changed = [];
    for (const name of names) if (this.has(name) && !this.same.has(name) && !(await this.isSigned(name))) changed.push(name);
    const isOther = changed.length > 0 && !changed.includes(error.file);
    const file = isOther ? (changed[0] ?? error.file) : error.file;
    const [at, what] = isOther ? [null, `is not the file that was signed (seen in ${[error.file, error.at].filter(Boolean).join(", ")}: ${error.message})`] : [error.at, error.message];
    const isSaid = /the file that was signed|packed in another way/.test(what);
    this.note(file, changed.includes(file) && !isSaid ? `${what}; it is not the file that was signed` : what, at);
    for (const other of changed) if (other !== file) this.note(other, "is not the file that was signed");
  }

  /** Reads a file for nothing but its hashes. @param {string} name */
  async isSigned(name) {
    try {
      for await (const bytes of this.read(name)) void bytes;
      return true;
    } catch (error) {
      if (error instanceof Wrong) return false;
      throw error;
    }
  }
}

return { Files };
})();

const $log = (() => {
// The log's part of a bundle: entries of a range of positions, whose hashes together with a few others give the root that
// the checkpoint signs; and the clear values beside the events.
const { concat, equal, fromBase64, fromBase64Bytes, fromHex, hex, isCount, isRecord, must, textOf, utf8, Wrong } = $bytes;
const { Frontier, subtreeWidths, treeHashes } = $merkle;
const { jsonLines, lineBatches } = $text;

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("./facts.mjs").Facts} Facts */
/** @typedef {import("../formats/signed.mjs").Checkpoint} Checkpoint */
/** @typedef {{ from: number, to: number, size: number, left: Uint8Array[], right: Uint8Array[] }} Range */

const names = { entries: "log/entries.jsonl", locator: "log/locator.bin", range: "log/range.json", clear: "clear.jsonl", checkpoint: "log/checkpoint.txt", previous: "log/consistency-from-previous.txt" };
const brace = 123;
const quote = 34;
const locatorBytes = 4;
const nothing = new Map();

/** Reads the range proof. @param {Record<string, unknown>} value @returns {Range} */
function readRange(value) {
  const { from, to, size } = value;
  must(isCount(from) && isCount(to) && isCount(size) && from <= to && to <= size, names.range, "from, to and size are no range of positions");
  const hashes = (/** @type {"left" | "right"} */ side, /** @type {readonly number[]} */ widths) => {
    const list = Array.isArray(value[side]) ? value[side] : [];
    must(list.length === widths.length, names.range, `${side} has ${list.length} hashes; positions ${side === "left" ? `0 to ${from}` : `${to} to ${size}`} take ${widths.length}`);
    return list.map((text, index) => {
      const hash = fromBase64(text);
      must(hash?.length === 32, names.range, "is no hash of 32 bytes in base64", `${side}[${index}]`);
      return hash;
    });
  };
  return { from, to, size, left: hashes("left", subtreeWidths(0, from)), right: hashes("right", subtreeWidths(to, size)) };
}

/** Clear values in the order of positions, handed out to the events that they belong to. */
class ClearValues {
  /** @param {Files} files */
  constructor(files) {
    this.lines = jsonLines(names.clear, files.read(names.clear));
    /** @type {{ number: number, position: number, field: string, salt: Uint8Array, value: string } | null} */
    this.next = null;
    this.count = 0;
    this.last = "";
  }

  async advance() {
    const { done, value: line } = await this.lines.next();
    if (done) {
      this.next = null;
      return;
    }
    const at = `line ${line.number}`;
    const value = isRecord(line.value) ? line.value : {};
    const salt = fromHex(value.salt);
    must(isCount(value.position) && typeof value.field === "string" && salt?.length === 16 && typeof value.value === "string" && Object.keys(value).join() === "position,field,salt,value", names.clear, "is no clear value: position, field, salt, value", at);
    const place = `${String(value.position).padStart(16, "0")} ${value.field}`;
    must(place > this.last, names.clear, "stands out of order, or twice", at);
    this.last = place;
    this.count += 1;
    this.next = { number: line.number, position: value.position, field: value.field, salt, value: value.value };
  }

  /** @param {number} position @param {unknown} hashed @param {(bytes: Uint8Array) => Uint8Array} hash */
  async take(position, hashed, hash) {
    const values = new Map();
    for (let next = this.next; next?.position === position; next = this.next) {
      const at = `line ${next.number} (position ${position})`;
      const said = isRecord(hashed) ? hashed[next.field] : undefined;
      must(typeof said === "string", names.clear, `the event has no field ${next.field}`, at);
      const bytes = utf8(next.value);
      const salted = new Uint8Array(next.salt.length + bytes.length);
      salted.set(next.salt);
      salted.set(bytes, next.salt.length);
      must(hex(hash(salted)) === said, names.clear, `${next.field} is not what the event holds the salted hash of`, at);
      values.set(next.field, next.value);
      await this.advance();
    }
    return values;
  }
}

/** A leaf hash in four bytes, as the locator has it. @param {Uint8Array} leaf */
function folded(leaf) {
  let word = 0;
  for (let at = 0; at < 32; at += 4) word ^= ((leaf[at] ?? 0) << 24) | ((leaf[at + 1] ?? 0) << 16) | ((leaf[at + 2] ?? 0) << 8) | (leaf[at + 3] ?? 0);
  return word;
}

/** Says where entries and locator part, once the entry behind is known as well. */
class Parting {
  /** @param {Files} files @param {number} from */
  constructor(files, from) {
    this.chunks = files.read(names.locator);
    this.from = from;
    /** What was read of the locator, from a position on. */
    this.bytes = new Uint8Array(0);
    this.begins = from;
    this.isOver = false;
    /** @type {{ position: number, said: number | null, isNext: boolean } | null} */
    this.first = null;
    /** @type {boolean | null} */
    this.isBehind = null;
  }

  /** Whether this position and the next are not there yet. @param {number} position */
  wants(position) {
    return !this.isOver && this.first === null && (position + 2 - this.begins) * locatorBytes > this.bytes.length;
  }

  /** @param {number} position */
  async advance(position) {
    while (this.wants(position)) {
      const { done, value } = await this.chunks.next();
      if (done) this.isOver = true;
      else {
        this.bytes = concat([this.bytes.subarray((position - this.begins) * locatorBytes), value]);
        this.begins = position;
      }
    }
  }

  /** @param {number} position */
  at(position) {
    const at = (position - this.begins) * locatorBytes;
    const { bytes } = this;
    return at + locatorBytes > bytes.length ? null : ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  }

  /** @param {number} position @param {Uint8Array} leaf */
  see(position, leaf) {
    if (this.first) {
      this.isBehind ??= folded(leaf) === this.first.said;
      return;
    }
    const word = folded(leaf);
    const said = this.at(position);
    if (word !== said) this.first = { position, said, isNext: word === this.at(position + 1) };
  }

  /** Reads what is left, for its hash. */
  async finish() {
    while (!(await this.chunks.next()).done);
  }

  /** @param {string} otherwise */
  words(otherwise) {
    if (!this.first) return { at: null, what: otherwise };
    const { position, isNext } = this.first;
    const at = `line ${position - this.from + 1} (position ${position})`;
    if (isNext && this.isBehind) return { at, what: `this entry and the one at position ${position + 1} have changed places` };
    if (isNext) return { at, what: "the entry of this position is missing: the one behind it stands here" };
    if (this.isBehind) return { at, what: "an entry was put in here that the log does not have" };
    return { at, what: "this is not the entry that the log has at this position" };
  }
}

/**
 * Reads all entries: their root with the rest of the log is the checkpoint's, each clear value is what its event holds the
 * salted hash of, and the events' facts are told to `facts`.
 * @param {Files} files
 * @param {{ range: Range, checkpoint: Checkpoint, facts: Facts, held: { size: number, root: Uint8Array } | null, matching: import("./matching.mjs").Matching | null }} of `held`: a checkpoint that the reader has
 */
async function checkEntries(files, { range, checkpoint, facts, held, matching }) {
  const { platform } = files;
  const hashes = treeHashes(platform.hash);
  const { bytes } = files.entry(names.locator);
  must(bytes === (range.to - range.from) * locatorBytes, names.locator, `has ${bytes} bytes; ${range.to - range.from} positions take ${(range.to - range.from) * locatorBytes}`);
  const clear = new ClearValues(files);
  await clear.advance();
  const parting = new Parting(files, range.from);
  const state = { frontier: new Frontier(hashes, range.from, range.left), parting, clear, facts, position: range.from, opened: 0, heldRoot: /** @type {Uint8Array | null} */ (null) };
  const remember = () => {
    if (held?.size === state.position) state.heldRoot = state.frontier.root();
  };
  remember();
  for await (const batch of lineBatches(names.entries, files.read(names.entries))) {
    for (const line of batch) {
      if (parting.wants(state.position)) await parting.advance(state.position);
      const wait = takeEntry(line, state, { range, hashes, platform });
      if (wait) await wait;
      remember();
      if (matching?.wants()) await matching.advance(state.position - 1);
    }
  }
  const isSigned = state.position === range.to && givesRoot(state.frontier, range, checkpoint);
  if (state.parting.first && isSigned) throw new Wrong(names.locator, "does not fit the entries, which give the root that the checkpoint signs", `byte ${(state.parting.first.position - range.from) * locatorBytes}`);
  part(state, state.position === range.to ? null : `ends after ${state.position - range.from} entries; the range has ${range.to - range.from}`);
  must(isSigned, names.entries, `positions ${range.from} to ${range.to} with the hashes of ${names.range} do not give the root that the checkpoint signs`);
  await parting.finish();
  must(clear.next === null, names.clear, `position ${clear.next?.position} holds no event in clear`, `line ${clear.next?.number}`);
  return { opened: state.opened, hidden: range.to - range.from - state.opened, clearValues: clear.count, heldRoot: state.heldRoot };
}

/** @param {{ parting: Parting }} state @param {string | null} otherwise */
function part({ parting }, otherwise) {
  if (!parting.first && otherwise === null) return;
  const { at, what } = parting.words(otherwise ?? "");
  throw new Wrong(names.entries, what, at);
}

/**
 * One line: an event's bytes, or the leaf hash of one that is not shown. A promise only where clear values have to be awaited.
 * @param {Uint8Array} line
 * @param {{ frontier: Frontier, parting: Parting, clear: ClearValues, facts: Facts, position: number, opened: number }} state
 * @param {{ range: Range, hashes: import("../formats/merkle.mjs").TreeHashes, platform: import("./platform").Platform }} context
 */
function takeEntry(line, state, { range, hashes, platform }) {
  const { position } = state;
  const at = `line ${position - range.from + 1} (position ${position})`;
  const isEvent = line[0] === brace;
  const leaf = isEvent ? hashes.leaf(line) : hiddenLeaf(line);
  must(leaf, names.entries, "is neither an event nor a leaf hash in base64", at);
  if (position >= range.to) {
    part(state, null);
    throw new Wrong(names.entries, "stands behind the end of the range", at);
  }
  state.parting.see(position, leaf);
  state.frontier.add(leaf);
  state.position += 1;
  if (!isEvent || state.parting.first) return null;
  state.opened += 1;
  const event = parseEvent(line);
  must(event, names.entries, "is no event of the ledger", at);
  if (state.clear.next !== null && state.clear.next.position < position) throw new Wrong(names.clear, `position ${state.clear.next.position} holds no event in clear`, `line ${state.clear.next.number}`);
  if (state.clear.next?.position !== position) {
    state.facts.add(position, event, nothing);
    return null;
  }
  return state.clear.take(position, event.hashed, platform.hash).then((values) => state.facts.add(position, event, values));
}

/** @param {Uint8Array} line */
function hiddenLeaf(line) {
  const leaf = line.length === 46 && line[0] === quote && line[45] === quote ? fromBase64Bytes(line, 1, 45) : null;
  return leaf?.length === 32 ? leaf : null;
}

/** @param {Uint8Array} line */
function parseEvent(line) {
  const text = textOf(line);
  try {
    const event = /** @type {unknown} */ (JSON.parse(text ?? ""));
    const isEvent = isRecord(event) && typeof event.type === "string" && typeof event.at === "string" && isRecord(event.actor) && isRecord(event.subjects) && isRecord(event.data) && isRecord(event.hashed);
    return isEvent ? event : null;
  } catch {
    return null;
  }
}

/** @param {Frontier} frontier @param {Range} range @param {Checkpoint} checkpoint */
function givesRoot(frontier, range, checkpoint) {
  const widths = subtreeWidths(range.to, range.size);
  range.right.forEach((root, index) => frontier.addSubtree(root, widths[index] ?? 1));
  const root = frontier.root();
  return range.size === checkpoint.size && (root === null ? checkpoint.size === 0 : equal(root, checkpoint.root));
}

return { names, readRange, checkEntries };
})();

const $beside = (() => {
// What stands beside the log: proofs of passkeys, policies as they were, and what ticket systems answered.
const { canonical, fromBase64, hex, isRecord, must, utf8 } = $bytes;
const { signatureOf, WrongProof } = $passkey;
const { jsonLines } = $text;

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("./facts.mjs").Facts} Facts */

const names = { proofs: "passkey-proofs.jsonl", policies: "policies.jsonl", tickets: "tickets.jsonl" };

/** Each proof holds by itself, is named by an event, and is the very one where the event has its hash. @param {Files} files @param {Facts} facts */
async function checkProofs(files, facts) {
  let count = 0;
  let bound = 0;
  for await (const { number, value } of jsonLines(names.proofs, files.read(names.proofs))) {
    const at = `line ${number}`;
    const id = isRecord(value) ? String(value.id) : "";
    const named = facts.proofs.get(id);
    must(named, names.proofs, `no event names the proof ${id}`, at);
    const where = `${at} (position ${named.position})`;
    try {
      const { key, message, signature } = signatureOf(files.platform.hash, value, { proofDigest: named.digest ?? undefined });
      must(await files.platform.passkey(key, message, signature), names.proofs, "the signature of the passkey does not fit", where);
    } catch (error) {
      if (error instanceof WrongProof) must(false, names.proofs, error.message, where);
      throw error;
    }
    count += 1;
    if (named.digest !== null) bound += 1;
  }
  return { count, bound, missing: facts.proofs.size - count };
}

/** Each set of policies is the one whose hash decisions name. @param {Files} files @param {Facts} facts */
async function checkPolicies(files, facts) {
  const seen = new Set();
  for await (const { number, value } of jsonLines(names.policies, files.read(names.policies))) {
    const at = `line ${number}`;
    must(isRecord(value) && typeof value.sha256 === "string" && isRecord(value.policies), names.policies, "is no set of policies", at);
    must(hex(files.platform.hash(utf8(canonical(value.policies)))) === value.sha256, names.policies, "the policies are not those that the hash is of", at);
    must(facts.policies.has(value.sha256) && !seen.has(value.sha256), names.policies, "no decision of the bundle names this set, or it is here twice", at);
    seen.add(value.sha256);
  }
  return { count: seen.size, missing: [...facts.policies.keys()].filter((hash) => !seen.has(hash)).length };
}

/** Each snapshot of a ticket is the one whose hash a check names. @param {Files} files @param {Facts} facts */
async function checkTickets(files, facts) {
  const seen = new Set();
  for await (const { number, value } of jsonLines(names.tickets, files.read(names.tickets))) {
    const at = `line ${number}`;
    const bytes = isRecord(value) ? fromBase64(value.answer) : null;
    must(isRecord(value) && bytes && typeof value.sha256 === "string", names.tickets, "is no snapshot of a ticket", at);
    must(hex(files.platform.hash(bytes)) === value.sha256, names.tickets, "the answer is not what the hash is of", at);
    must(facts.tickets.has(value.sha256), names.tickets, "no event of the bundle names this snapshot", at);
    seen.add(value.sha256);
  }
  return { count: seen.size, missing: [...facts.tickets.keys()].filter((hash) => !seen.has(hash)).length };
}

return { names, checkProofs, checkPolicies, checkTickets };
})();

const $rows = (() => {
// Rows of chains.jsonl and chains.csv: against each other, against what the events say, and counted.
const { isRecord, must, Wrong } = $bytes;

/** @typedef {import("./facts.mjs").Facts} Facts */
/** @typedef {import("./facts.mjs").RequestFacts} RequestFacts */
/** @typedef {import("./facts.mjs").GrantFacts} GrantFacts */
/** @typedef {Record<string, unknown>} Row */

const json = "chains.jsonl";
const csv = "chains.csv";

/** Without these, nothing can be said about a chain. */
const needed = [
  "record", "request_id", "grant_id", "identity_id", "entitlement_id", "requester_id", "asked_at", "state", "decided_at", "voter_ids", "votes",
  "grant_state", "issued_at", "ended_at", "end_reason", "accepted_at", "proven_at", "ledger_first", "ledger_last",
];
/** Filters that leave rows of a request out, while its events are whole. */
const filtersOfGrants = ["grant", "reason", "unproven", "entitlement", "system", "sensitivity"];

/** @param {Record<string, unknown>} filters of the report card */
const isPartOfRequests = (filters) => filtersOfGrants.some((name) => Object.hasOwn(filters, name));

/** @param {unknown} columns of the report card */
function checkColumns(columns) {
  const names = Array.isArray(columns) ? columns.map((column) => (isRecord(column) ? String(column.name) : "")) : [];
  for (const name of needed) must(names.includes(name), "report-card.json", `lists no column ${name}`);
  return names;
}

/**
 * One row of both files says the same.
 * @param {{ number: number, row: Row, record: { number: number, values: readonly (string | null)[] } | null, columns: readonly string[] }} both
 */
function checkSame({ number, row, record, columns }) {
  const at = `line ${number}`;
  must(Object.keys(row).join() === columns.join(), json, "has other columns than the report card lists", at);
  must(record !== null, csv, `ends before the row that is line ${number} of ${json}`);
  const where = `line ${record.number}`;
  must(record.values.length === columns.length, csv, `has ${record.values.length} values instead of ${columns.length}`, where);
  columns.forEach((name, index) => {
    const [said, other] = [row[name] ?? null, record.values[index] ?? null];
    // A text that a spreadsheet would run has an apostrophe before it in CSV.
    const isGuarded = typeof said === "string" && /^[=+\-@\t\r]/.test(said) && other === `'${said}`;
    const isSame = typeof said === "number" ? other !== null && Number(other) === said : said === other || isGuarded;
    if (!isSame) throw new Wrong(csv, `${name} is ${shown(other)}, and ${shown(said)} in line ${number} of ${json}`, where);
  });
}

/** @param {unknown} value */
const shown = (value) => (value === null || value === undefined ? "empty" : JSON.stringify(value).slice(0, 120));

/** @param {readonly string[]} values */
const joined = (values) => (values.length === 0 ? null : values.join("; "));

/** What a request's columns have to be; undefined where the events do not say. @param {RequestFacts} request */
function expectedOfRequest(request) {
  const { votes, policy, isEmergency } = request;
  const isUndecided = request.state === "lapsed" && !request.wasApproved;
  const by = request.state === "pending" ? null : request.state === "withdrawn" ? "requester" : isUndecided ? "nobody" : votes.length === 0 ? "policy" : "people";
  const known = votes.every(({ reason }) => reason !== undefined);
  const policySays = policy
    ? { policy_outcome: policy.outcome, policy_hash: policy.policyHash, policy_input_hash: policy.inputHash }
    : isEmergency ? {} : { policy_outcome: null, policy_hash: null, policy_input_hash: null };
  return {
    requester_kind: request.requesterKind === null ? undefined : request.requesterKind === "person" ? "person" : "workload",
    requester_id: request.requesterId, identity_id: request.identityId, asked_at: request.askedAt,
    purpose: request.purpose ?? undefined, ticket_key: request.purpose === null ? undefined : request.ticketKey, asked_seconds: request.askedSeconds ?? undefined,
    intent: request.intent ?? undefined, state: request.state, decided_at: request.decidedAt, decided_by: by,
    voter_ids: joined(votes.map(({ person }) => person)), votes: joined(votes.map(({ answer }) => answer)), voted_at: joined(votes.map(({ at }) => at)),
    vote_reasons: known && votes.length > 0 ? votes.map(({ reason }) => reason ?? "[erased]").join(" | ") : votes.length === 0 ? null : undefined,
    ...policySays,
  };
}

/** The same of a grant. @param {GrantFacts} grant */
function expectedOfGrant(grant) {
  const value = (/** @type {string} */ name) => grant[name] ?? null;
  const seconds = value("provenAt") === null ? null : (Date.parse(String(grant.provenAt)) - Date.parse(String(grant.endedAt))) / 1_000;
  return {
    grant_state: grant.state, entitlement_id: value("entitlementId"), replaces_grant_id: value("replaces"), granted_seconds: value("grantedSeconds"),
    credential: value("credential"), credential_target_id: value("targetId"), issue_failure: grant.state === "failed" ? value("failure") : null,
    issued_at: value("issuedAt"), not_after: value("notAfter"), ended_at: value("endedAt"), end_reason: value("endReason"), ended_by_id: value("endedBy"),
    accepted_at: value("acceptedAt"), proven_at: value("provenAt"), seconds_to_proof: seconds, proof_method: value("method"), proof_strength: value("strength"),
    proof_seen_by: value("seenBy"), proof_first_look_at: value("firstLook"), proof_second_look_at: value("secondLook"),
  };
}

/** Counts rows as the report card counts them. */
class Tally {
  constructor() {
    this.counts = { rows: 0, requests: 0, grants: 0, refused_asks: 0 };
    /** @type {Record<"by_state" | "by_grant_state" | "by_end_reason", Record<string, number>>} */
    this.by = { by_state: {}, by_grant_state: {}, by_end_reason: {} };
  }

  /** @param {Row} row */
  count(row) {
    this.counts.rows += 1;
    if (row.record === "grant") this.counts.grants += 1;
    if (row.record === "refused-ask") this.counts.refused_asks += 1;
    for (const [group, column] of /** @type {const} */ ([["by_state", "state"], ["by_grant_state", "grant_state"], ["by_end_reason", "end_reason"]])) {
      const value = row[column];
      if (typeof value === "string") this.by[group][value] = (this.by[group][value] ?? 0) + 1;
    }
  }

  /** The report card counts what is there. @param {Record<string, unknown>} counts */
  finish(counts) {
    const card = "report-card.json";
    for (const [name, count] of Object.entries(this.counts)) must(counts[name] === count, card, `counts ${shown(counts[name])} ${name.replace("_", " ")}; ${json} has ${count}`, `counts.${name}`);
    for (const [name, groups] of Object.entries(this.by)) {
      const said = isRecord(counts[name]) ? counts[name] : {};
      for (const value of new Set([...Object.keys(groups), ...Object.keys(said)])) {
        must((said[value] ?? 0) === (groups[value] ?? 0), card, `counts ${shown(said[value])} as ${value}; ${json} has ${groups[value] ?? 0}`, `counts.${name}.${value}`);
      }
    }
  }
}

/** Holds rows against what the events say, and marks what has its row. */
class Rows {
  /** @param {Facts} facts */
  constructor(facts) {
    this.facts = facts;
    /** @type {Set<string>} */
    this.requests = new Set();
    /** @type {Set<string>} */
    this.items = new Set();
  }

  /** @param {number} number @param {Row} row */
  add(number, row) {
    const at = `line ${number}`;
    const item = row.record === "refused-ask" ? `position ${String(row.ledger_first)}` : row.record === "grant" ? `grant ${String(row.grant_id)}` : `request ${String(row.request_id)} for ${String(row.entitlement_id)}`;
    must(!this.items.has(item), json, `has ${item} a second time`, at);
    this.items.add(item);
    const expected = row.record === "refused-ask" ? this.expectRefused(row, at) : this.expect(row, at);
    for (const [column, said] of Object.entries(expected)) {
      if (said === undefined || !Object.hasOwn(row, column) || row[column] === said) continue;
      throw new Wrong(json, `${column} is ${shown(row[column])}; the events of ${item} say ${shown(said)}`, at);
    }
  }

  /** @param {Row} row @param {string} at */
  expect(row, at) {
    const request = this.facts.requests.get(String(row.request_id));
    must(request && request.askedAt !== null, json, `request ${String(row.request_id)} was asked by no event of the log`, at);
    this.requests.add(String(row.request_id));
    for (const column of ["ledger_first", "ledger_last"]) {
      const position = row[column];
      must(position === null || (typeof position === "number" && position >= request.first && position <= request.last), json, `${column} is ${shown(position)}; the request's events stand at ${request.first} to ${request.last}`, at);
    }
    const own = expectedOfRequest(request);
    if (row.record !== "grant") {
      must(row.record === "request" && row.grant_id === null, json, "is neither grant nor request", at);
      const isAsked = request.isEmergency || request.entitlementIds.includes(String(row.entitlement_id));
      must(isAsked, json, `entitlement_id is ${shown(row.entitlement_id)}, which the request's event does not name`, at);
      const grants = request.grants.filter((id) => this.facts.grants.get(id)?.entitlementId === row.entitlement_id);
      must(grants.length === 0, json, `says that there is no grant; the log has grant ${grants[0]}`, at);
      return own;
    }
    const grant = this.facts.grants.get(String(row.grant_id));
    must(grant && grant.requestId === row.request_id, json, `grant ${String(row.grant_id)} of this request is in no event of the log`, at);
    return { ...own, ...expectedOfGrant(grant) };
  }

  /** @param {Row} row @param {string} at */
  expectRefused(row, at) {
    const refused = typeof row.ledger_first === "number" ? this.facts.refused.get(row.ledger_first) : undefined;
    must(refused, json, `no ask was refused at position ${shown(row.ledger_first)} of the log`, at);
    return {
      ledger_last: refused.position, asked_at: refused.askedAt, refusal_code: refused.code, identity_id: refused.identityId, entitlement_id: refused.entitlementId,
      requester_id: refused.requesterId, intent: refused.intent ?? undefined, state: "refused", grant_state: null, request_id: null, grant_id: null,
    };
  }

  /** All of a request has its rows. @param {string} id */
  checkWhole(id) {
    const request = this.facts.requests.get(id);
    if (!request || request.askedAt === null) return;
    must(this.requests.has(id), json, `has no row for request ${id}, whose events begin at position ${request.first}`);
    const missing = request.grants.find((grant) => !this.items.has(`grant ${grant}`));
    must(missing === undefined, json, `has no row for grant ${missing} of request ${id}`);
  }

  /** Everything that the events tell of has its row. */
  finish() {
    for (const id of this.facts.requests.keys()) this.checkWhole(id);
    for (const position of this.facts.refused.keys()) must(this.items.has(`position ${position}`), json, `has no row for the ask that was refused at position ${position}`);
  }
}

return { json, csv, isPartOfRequests, checkColumns, checkSame, Tally, Rows };
})();

const $refused = (() => {
// Asks that were refused, each in 25 bytes: their rows stand behind all others, so all of them have to be kept.
const { utf8 } = $bytes;

/** @typedef {import("./facts.mjs").RefusedFacts} RefusedFacts */

const digestBytes = 16;
const flags = { intentIsKnown: 1, wasSeen: 2 };

class RefusedAsks {
  /** @param {(bytes: Uint8Array) => Uint8Array} hash */
  constructor(hash) {
    this.hash = hash;
    this.count = 0;
    this.positions = new Float64Array(256);
    this.digests = new Uint8Array(256 * digestBytes);
    this.flags = new Uint8Array(256);
  }

  /** In the order of positions. @param {RefusedFacts} refused */
  add({ position, askedAt, code, identityId, entitlementId, requesterId, intent }) {
    if (this.count === this.positions.length) this.grow();
    this.positions[this.count] = position;
    this.digests.set(this.digest([askedAt, code, identityId, entitlementId, requesterId, intent]), this.count * digestBytes);
    this.flags[this.count] = intent === null ? 0 : flags.intentIsKnown;
    this.count += 1;
  }

  grow() {
    const [positions, digests, bits] = [new Float64Array(2 * this.count), new Uint8Array(2 * this.count * digestBytes), new Uint8Array(2 * this.count)];
    positions.set(this.positions);
    digests.set(this.digests);
    bits.set(this.flags);
    Object.assign(this, { positions, digests, flags: bits });
  }

  /** @param {readonly unknown[]} values */
  digest(values) {
    return this.hash(utf8(JSON.stringify(values))).subarray(0, digestBytes);
  }

  /** Whether a row is what the ask at its position says, for the first time. @param {Record<string, unknown>} row */
  fits(row) {
    const { ledger_first: position } = row;
    const index = typeof position === "number" ? this.indexOf(position) : -1;
    const bits = index < 0 ? flags.wasSeen : (this.flags[index] ?? 0);
    if ((bits & flags.wasSeen) !== 0) return false;
    this.flags[index] = bits | flags.wasSeen;
    const intent = (bits & flags.intentIsKnown) === 0 ? null : row.intent;
    const digest = this.digest([row.asked_at, row.refusal_code, row.identity_id, row.entitlement_id, row.requester_id, intent]);
    const isSame = digest.every((value, at) => this.digests[index * digestBytes + at] === value);
    return isSame && row.ledger_last === position && row.state === "refused" && row.grant_state === null && row.request_id === null && row.grant_id === null;
  }

  /** @param {number} position */
  indexOf(position) {
    let [from, to] = [0, this.count];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.positions[middle] ?? 0) < position) from = middle + 1;
      else to = middle;
    }
    return from < this.count && this.positions[from] === position ? from : -1;
  }

  /** Positions of those that no row was of. */
  *missing() {
    for (let index = 0; index < this.count; index++) if (((this.flags[index] ?? 0) & flags.wasSeen) === 0) yield this.positions[index] ?? 0;
  }
}

return { RefusedAsks };
})();

const $matching = (() => {
// Rows and events go by side by side: what is known of a request is dropped once its rows were found to say the same, so
// that memory follows the requests that are open at the same time and not all of them. What does not fit this way is judged
// in a second reading, which holds those requests only.
const { isRecord, must, Wrong } = $bytes;
const { csvRecords, jsonLines } = $text;
const { RefusedAsks } = $refused;
const rows = $rows;

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("./facts.mjs").Facts} Facts */
/** @typedef {import("./rows.mjs").Row} Row */
/** @typedef {{ requestId: string | null, first: number, last: number, rows: { number: number, row: Row }[] }} Group rows of one request, which stand together */
/** @typedef {(row: Row, events: number) => void} See */

const mostRowsOfGroup = 10_000;

/** Rows of both files in step, in groups of one request each. @param {Files} files @param {unknown} columns of the report card @returns {AsyncGenerator<Group>} */
async function* groupsOf(files, columns) {
  const names = rows.checkColumns(columns);
  const expected = names.join();
  const records = csvRecords(rows.csv, files.read(rows.csv));
  /** @type {Group | null} */
  let group = null;
  try {
    const header = await records.next();
    must(!header.done && header.value.values.join() === expected, rows.csv, "does not begin with the columns that the report card lists", "line 1");
    for await (const { number, value } of jsonLines(rows.json, files.read(rows.json))) {
      must(isRecord(value), rows.json, "is no row", `line ${number}`);
      const record = await records.next();
      rows.checkSame({ number, row: value, record: record.done ? null : record.value, columns: names });
      const requestId = value.record === "refused-ask" ? null : String(value.request_id);
      if (group && requestId !== null && group.requestId === requestId && group.rows.length < mostRowsOfGroup) group.rows.push({ number, row: value });
      else {
        if (group) yield group;
        const place = (/** @type {unknown} */ position) => (typeof position === "number" ? position : Infinity);
        group = { requestId, first: place(value.ledger_first), last: place(value.ledger_last), rows: [{ number, row: value }] };
      }
    }
    if (group) yield group;
    const behind = await records.next();
    must(behind.done, rows.csv, `has a row that ${rows.json} does not have`, behind.done ? null : `line ${behind.value.number}`);
  } finally {
    await records.return(undefined);
  }
}

class Matching {
  /** @param {Files} files @param {Facts} facts @param {{ reportCard: Record<string, unknown>, see: See, atOnce: number }} of `see`: is told each row that was found to hold; `atOnce`: so many requests are known before rows are read */
  constructor(files, facts, { reportCard, see, atOnce }) {
    this.atOnce = atOnce;
    this.facts = facts;
    this.reportCard = reportCard;
    this.see = see;
    this.isPartOfRequests = rows.isPartOfRequests(isRecord(reportCard.filters) ? reportCard.filters : {});
    this.tally = new rows.Tally();
    this.groups = groupsOf(files, reportCard.columns);
    /** @type {Group | null} */
    this.next = null;
    this.isOver = false;
    /** Requests that go on behind where their rows were read, with these as text. @type {Map<string, { last: number, text: string }>} */
    this.waiting = new Map();
    this.limit = this.atOnce;
    /** Requests, and positions of refused asks, that are judged in a second reading. @type {Set<string | number>} */
    this.again = new Set();
    this.refused = new RefusedAsks(facts.hash);
    facts.onRefused = (refused) => this.refused.add(refused);
    /** What is wrong with the files of rows themselves. @type {Wrong | null} */
    this.failure = null;
  }

  /** Whether it is time to read rows. */
  wants() {
    return this.facts.requests.size - this.waiting.size >= this.limit;
  }

  /** Reads rows of what stands in the log up to a position, until few requests are left. @param {number} position */
  async advance(position) {
    await this.reading(async () => {
      for (const [id, { last }] of this.waiting) if (last <= position) this.settleWaiting(id);
      while (this.facts.requests.size - this.waiting.size > this.atOnce / 2) {
        const group = await this.peek();
        if (!group || group.first > position) break;
        this.take(group, position);
      }
      this.limit = this.facts.requests.size - this.waiting.size + this.atOnce / 2;
    });
  }

  /** @param {() => Promise<void>} read */
  async reading(read) {
    if (this.failure) return;
    try {
      await read();
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      this.failure = error;
      this.forgetAll();
    }
  }

  async peek() {
    if (this.next || this.isOver) return this.next;
    const { done, value } = await this.groups.next();
    this.isOver = done === true;
    this.next = done ? null : value;
    return this.next;
  }

  /** @param {Group} group @param {number} position */
  take(group, position) {
    this.next = null;
    for (const { row } of group.rows) this.tally.count(row);
    const { requestId, last } = group;
    if (requestId === null) return this.takeRefused(group);
    this.tally.counts.requests += 1;
    if (this.again.has(requestId)) return;
    if (last <= position) return this.settle(requestId, group.rows);
    // Twice, and not together.
    if (this.waiting.has(requestId)) return this.judgeAgain(requestId);
    this.waiting.set(requestId, { last, text: JSON.stringify(group.rows) });
  }

  /** @param {Group} group */
  takeRefused({ rows: [one], first }) {
    if (!one) return;
    if (this.refused.fits(one.row)) this.see(one.row, 1);
    else this.again.add(first);
  }

  /** @param {string} requestId */
  settleWaiting(requestId) {
    const { text } = /** @type {{ text: string }} */ (this.waiting.get(requestId));
    this.settle(requestId, JSON.parse(text));
  }

  /** All of a request was read: its rows are what its events say, or it is judged again. @param {string} requestId @param {Group["rows"]} group */
  settle(requestId, group) {
    const request = this.facts.requests.get(requestId);
    if (!request || !this.holds(requestId, group)) return this.judgeAgain(requestId);
    for (const { row } of group) this.see(row, request.events);
    this.forget(requestId);
  }

  /** @param {string} requestId @param {Group["rows"]} group */
  holds(requestId, group) {
    const judged = new rows.Rows(this.facts);
    try {
      for (const { number, row } of group) judged.add(number, row);
      if (!this.isPartOfRequests) judged.checkWhole(requestId);
      return true;
    } catch (error) {
      if (error instanceof Wrong) return false;
      throw error;
    }
  }

  /** @param {string} requestId */
  judgeAgain(requestId) {
    this.again.add(requestId);
    this.forget(requestId);
  }

  /** @param {string} requestId */
  forget(requestId) {
    this.waiting.delete(requestId);
    this.facts.forget(requestId);
  }

  forgetAll() {
    this.waiting.clear();
    this.facts.requests.clear();
    this.facts.grants.clear();
    this.limit = this.atOnce;
  }

  /** The log was read to its end: reads the other rows. Answers what has to be judged again. */
  async finish() {
    await this.reading(async () => {
      for (let group = await this.peek(); group; group = await this.peek()) this.take(group, Infinity);
      for (const id of [...this.waiting.keys()]) this.settleWaiting(id);
      for (const id of this.facts.requests.keys()) this.again.add(id);
      if (!this.isPartOfRequests) for (const position of this.refused.missing()) this.again.add(position);
      this.forgetAll();
    });
    if (this.failure) throw this.failure;
    return this.again;
  }

  /** Whoever reads no further lets go of the files. */
  async abandon() {
    await this.groups.return(undefined);
  }
}

/**
 * Judges some requests and refused asks, whose events are all in `facts`.
 * @param {Files} files
 * @param {Matching} first what the first reading found
 * @param {Facts} facts
 */
async function judge(files, { reportCard, isPartOfRequests, tally, see }, facts) {
  const judged = new rows.Rows(facts);
  const seen = new Set();
  for await (const { requestId, first, rows: group } of groupsOf(files, reportCard.columns)) {
    if (!facts.isMeant(requestId, first)) continue;
    for (const { number, row } of group) judged.add(number, row);
    for (const { row } of group) see(row, requestId === null ? 1 : (facts.requests.get(requestId)?.events ?? 0));
    if (requestId !== null && seen.has(requestId)) tally.counts.requests -= 1;
    seen.add(requestId);
  }
  if (!isPartOfRequests) judged.finish();
}

return { Matching, judge };
})();

const $sampled = (() => {
// The sample of a bundle: drawn again from its rows, and each event of it with a proof of its own.
const { canonical, equal, isCount, isRecord, jsonOf, must, textOf } = $bytes;
const { isIncluded, treeHashes } = $merkle;
const { Draw } = $sample;
const { readProof } = $signed;

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("../formats/signed.mjs").Checkpoint} Checkpoint */

const names = { parameters: "sample/parameters.json", list: "sample/sample.csv" };
const most = { strata: 50, count: 500 };

/**
 * What the sample was drawn by, ready to draw again.
 * @param {Record<string, unknown>} parameters
 * @param {{ checkpoint: Checkpoint, previous: { size: number, root: Uint8Array } | null, hash: (bytes: Uint8Array) => Uint8Array }} of
 */
function readDraws({ nonce, count, strata, checkpoint: which }, { checkpoint, previous, hash }) {
  const file = names.parameters;
  must(typeof nonce === "string" && nonce !== "" && isCount(count) && count > 0 && count <= most.count, file, "has no nonce, or no count");
  must(Array.isArray(strata) && strata.length > 0 && strata.length <= most.strata && strata.every((stratum) => typeof stratum === "string"), file, "has no strata");
  must(which === "this" || which === "previous", file, "does not say which checkpoint it was drawn by");
  const by = which === "this" ? checkpoint : previous;
  must(by, file, "was drawn by an earlier checkpoint, which the bundle does not have");
  return { nonce, which, size: by.size, draws: strata.map((stratum) => new Draw(hash, { root: by.root, nonce, stratum: String(stratum), count })) };
}

/** @typedef {ReturnType<typeof readDraws>} Draws */

/** Offers a row to each stratum: only what was in the log before the checkpoint that decides. @param {Draws} draws @param {Record<string, unknown>} row @param {number} events that the log has of its chain */
function offer({ draws, size }, row, events) {
  if (typeof row.ledger_first !== "number" || row.ledger_first >= size) return;
  for (const draw of draws) draw.offer(row, events);
}

/** @param {Draws} draws */
function listOf({ draws }) {
  const lines = draws.flatMap(({ stratum, seed, drawn }) => drawn.map(({ id, rank }, index) => `${stratum},${seed},${index + 1},${id},${rank}`));
  return `${["stratum,seed,rank,record,rank_hash", ...lines].join("\n")}\n`;
}

/** The list is the one that the rules give, and each record of it is here with its events and their proofs. @param {Files} files @param {Draws} draws @param {{ checkpoint: Checkpoint, note: Uint8Array }} of */
async function checkSample(files, draws, { checkpoint, note }) {
  const said = (textOf(await files.whole(names.list)) ?? "").split("\n");
  const drawn = listOf(draws).split("\n");
  const differs = drawn.findIndex((line, index) => line !== said[index]);
  must(differs < 0 && said.length === drawn.length, names.list, "is not the sample that nonce, checkpoint and rows give", `line ${(differs < 0 ? drawn.length : differs) + 1}`);
  const records = new Map(draws.draws.flatMap((draw) => draw.drawn.map((record) => [record.id, record])));
  const allowed = new Set(Object.values(names));
  const context = { hashes: treeHashes(files.platform.hash), checkpoint, note, allowed };
  let proofs = 0;
  for (const record of records.values()) proofs += await checkRecord(files, record, context);
  for (const name of files.entries.keys()) must(!name.startsWith("sample/") || allowed.has(name), name, "belongs to no record of the sample");
  return { records: records.size, proofs };
}

/**
 * @param {Files} files
 * @param {import("../formats/sample.mjs").Drawn} record
 * @param {{ hashes: import("../formats/merkle.mjs").TreeHashes, checkpoint: Checkpoint, note: Uint8Array, allowed: Set<string> }} context
 */
async function checkRecord(files, { id, row, events: expected }, { hashes, checkpoint, note, allowed }) {
  const folder = `sample/${id}/`;
  const record = `${folder}record.json`;
  must(canonical(await files.json(record)) === canonical(row), record, "is not the row of chains.jsonl");
  allowed.add(record);
  const events = [...files.entries.keys()].filter((name) => name.startsWith(folder) && /^\d+\.json$/.test(name.slice(folder.length)));
  for (const name of events) {
    const proofName = name.replace(/json$/, "tlog-proof");
    const bytes = await files.whole(name);
    const proof = readProof(proofName, await files.whole(proofName));
    const position = Number(name.slice(folder.length, -".json".length));
    must(proof.index === position, proofName, `is for position ${proof.index}`);
    must(equal(proof.checkpoint, note), proofName, "ends with another checkpoint than the bundle's");
    must(isIncluded(hashes, { leaf: hashes.leaf(bytes), index: position, size: checkpoint.size, root: checkpoint.root, path: proof.path }), proofName, `does not prove that ${name} is in the log at position ${position}`);
    const event = jsonOf(textOf(bytes));
    const isAbout = isRecord(event) && isRecord(event.subjects) && (row.request_id === null ? position === row.ledger_first : event.subjects.request === row.request_id);
    must(isAbout, name, "is an event of something else");
    allowed.add(name);
    allowed.add(proofName);
  }
  must(events.length === expected, record, `has ${events.length} events beside it; the log's part of the bundle has ${expected}`);
  return events.length;
}

return { names, readDraws, offer, checkSample };
})();

const $bundle = (() => {
// Checks a bundle of evidence from its first byte to its last. Says the first thing that is wrong, what is proven, and what
// is not. Knows nothing of Curfew but the format (docs/evidence-bundle.md).
const { readArchive } = $archive;
const beside = $beside;
const { canonical, equal, hex, isCount, isRecord, jsonOf, must, textOf, utf8, Wrong } = $bytes;
const { Facts } = $facts;
const log = $log;
const { judge, Matching } = $matching;
const { isConsistent, isIncluded, treeHashes } = $merkle;
const { Files } = $reading;
const rows = $rows;
const sampled = $sampled;
const { readCheckpoint, readEnvelope, readHashes, readProof, readVerifierKey, readVerifierKeys } = $signed;

/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */
/** @typedef {import("../formats/signed.mjs").VerifierKey} VerifierKey */
/** @typedef {import("../formats/signed.mjs").Checkpoint} Checkpoint */

const format = "curfew-evidence-bundle/1";
const predicateType = "https://curfew.invalid/attestations/access-evidence/v1";
const manifest = "manifest.dsse.json";
const card = "report-card.json";
const keyFiles = { log: "keys/log.vkey", export: "keys/export.vkey" };
const held = "the checkpoint that you gave";
/** So many requests are judged in one more reading. */
const mostAgain = 50_000;
const needed = [
  "README.txt", rows.csv, rows.json, log.names.clear, keyFiles.export, keyFiles.log, log.names.checkpoint, log.names.entries, log.names.locator, log.names.range,
  beside.names.proofs, beside.names.policies, beside.names.tickets, "verify/verify.mjs", card, manifest,
];
const allowed = [log.names.previous, ...Object.values(sampled.names)];
const allowedFolders = [/^reconciliation\/[a-z0-9-]+\.csv$/, /^sample\/[A-Za-z0-9-]+\/(record\.json|\d+\.json|\d+\.tlog-proof)$/, /^keys\/[0-9a-f]{8}\.(json|tlog-proof)$/];

/** @param {unknown} count @param {string} one @param {string} [many] */
const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/**
 * @param {{ source: Source, platform: Platform, keys?: readonly string[], checkpoint?: Uint8Array | null, onProgress?: (share: number) => void, atOnce?: number }} of
 *   `keys`: verifier keys that the reader has from elsewhere; `checkpoint`: one that the reader kept; `atOnce`: so many requests are known before their rows are read
 */
async function verifyBundle({ source, platform, keys = [], checkpoint = null, onProgress = () => {}, atOnce = 4_096 }) {
  let read = 0;
  const told = { size: source.size, read: async (/** @type {number} */ offset, /** @type {number} */ length) => {
    const bytes = await source.read(offset, length);
    read += length;
    onProgress(Math.min(0.99, read / Math.max(1, source.size)));
    return bytes;
  } };
  const run = new Verification(platform, told, { keys, checkpoint, atOnce });
  try {
    await run.all();
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    run.problems.push({ file: error.file, at: error.at, what: error.message });
  }
  onProgress(1);
  const problems = [...(run.files?.problems ?? []), ...run.problems];
  return { ok: problems.length === 0, first: problems[0] ?? null, problems, proven: run.proven, notProven: run.notProven, about: run.about };
}

class Verification {
  /** @param {Platform} platform @param {Source} source @param {{ keys: readonly string[], checkpoint: Uint8Array | null, atOnce: number }} given */
  constructor(platform, source, given) {
    this.platform = platform;
    this.source = source;
    this.given = given;
    /** @type {Files | null} */
    this.files = null;
    /** @type {import("./reading.mjs").Problem[]} */
    this.problems = [];
    /** @type {string[]} */
    this.proven = [];
    /** @type {string[]} */
    this.notProven = [];
    /** @type {Record<string, string | number | null>} */
    this.about = {};
    this.facts = new Facts(platform.hash);
  }

  async all() {
    const trusted = this.given.keys.map((text) => {
      const key = readVerifierKey(this.platform, text.trim());
      must(key, "the key that you gave", "is no verifier key of the form name+id+base64");
      return key;
    });
    const files = new Files(this.platform, this.source, await readArchive(this.source));
    this.files = files;
    const { predicate, exportKey } = await this.manifest(files);
    const keys = readVerifierKeys(this.platform, keyFiles.log, await files.whole(keyFiles.log));
    const { checkpoint, note } = await this.checkpoint(files, keys, predicate);
    const previous = await this.previous(files, { keys, checkpoint });
    const heldCheckpoint = await this.held(keys, checkpoint);
    const reportCard = await this.card(files, predicate);
    const draws = await this.draws(files, { checkpoint, previous });
    const see = (/** @type {rows.Row} */ row, /** @type {number} */ events) => draws && sampled.offer(draws, row, events);
    const matching = reportCard && new Matching(files, this.facts, { reportCard, see, atOnce: this.given.atOnce });
    const range = await this.entries(files, { checkpoint, previous, heldCheckpoint, matching });
    await this.keysOf(files, { trusted, keys, exportKey, checkpoint });
    if (range) await this.beside(files);
    if (range && matching) await this.chains(files, { matching, draws, range, checkpoint, note });
    else await matching?.abandon();
    await this.rest(files, reportCard);
    this.limits(checkpoint);
  }

  /** The manifest is signed and names every file of the archive, and no other. @param {Files} files */
  async manifest(files) {
    const exportKeys = readVerifierKeys(this.platform, keyFiles.export, await this.unsigned(files, keyFiles.export));
    const envelope = await readEnvelope(this.platform, manifest, await this.unsigned(files, manifest), exportKeys);
    const statement = jsonOf(textOf(envelope.payload));
    const isStatement = envelope.type === "application/vnd.in-toto+json" && isRecord(statement) && statement._type === "https://in-toto.io/Statement/v1" && statement.predicateType === predicateType;
    must(isStatement && isRecord(statement.predicate) && equal(utf8(canonical(statement)), envelope.payload), manifest, "is no in-toto statement about access evidence, in canonical JSON");
    const { predicate } = statement;
    must(predicate.format === format, manifest, `is of format ${JSON.stringify(predicate.format)}; this verifier knows ${format}`);
    this.readSigned(files, statement, predicate);
    for (const name of files.signed.keys()) must(files.has(name), name, "is named in the manifest and is not in the archive");
    for (const name of files.entries.keys()) must(name === manifest || files.signed.has(name), name, "is in the archive and is not named in the manifest");
    for (const name of needed) must(files.has(name), name, "belongs to every bundle and is not in the archive");
    for (const name of files.entries.keys()) must(needed.includes(name) || allowed.includes(name) || allowedFolders.some((pattern) => pattern.test(name)), name, "is no file of a bundle");
    files.same.add(manifest);
    return { predicate, exportKey: envelope.key };
  }

  /** A file that is needed before the manifest is known. @param {Files} files @param {string} name */
  async unsigned(files, name) {
    const before = files.problems.length;
    const bytes = await files.whole(name);
    files.problems.length = before;
    return bytes;
  }

  /** @param {Files} files @param {Record<string, unknown>} statement @param {Record<string, unknown>} predicate */
  readSigned(files, { subject }, { files: listed }) {
    must(Array.isArray(subject) && Array.isArray(listed) && subject.length === listed.length, manifest, "names files in two ways that differ");
    subject.forEach((one, index) => {
      const other = /** @type {unknown} */ (listed[index]);
      const digest = isRecord(one) && isRecord(one.digest) ? one.digest.sha256 : null;
      const packed = isRecord(other) ? other.packed : null;
      const isWhole = isRecord(one) && isRecord(other) && isRecord(packed) && typeof one.name === "string" && one.name === other.name && typeof digest === "string" && isCount(other.bytes);
      must(isWhole && isCount(packed.bytes) && isCount(packed.crc32) && typeof packed.method === "string" && typeof packed.sha256 === "string", manifest, "does not say what a file is", `subject ${index + 1}`);
      must(!files.signed.has(one.name), manifest, `names ${one.name} twice`, `subject ${index + 1}`);
      files.signed.set(one.name, { bytes: other.bytes, sha256: digest, packed: { method: packed.method, bytes: packed.bytes, sha256: packed.sha256, crc32: packed.crc32 } });
    });
  }

  /** @param {Files} files @param {readonly VerifierKey[]} keys @param {Record<string, unknown>} predicate */
  async checkpoint(files, keys, predicate) {
    const note = await files.whole(log.names.checkpoint);
    const checkpoint = await readCheckpoint(this.platform, log.names.checkpoint, note, keys);
    must(predicate.checkpoint === textOf(note), log.names.checkpoint, "is not the checkpoint that the manifest names");
    this.about = { ...this.about, log: checkpoint.origin, size: checkpoint.size, root: hex(checkpoint.root) };
    return { checkpoint, note };
  }

  /** The checkpoint before: the log only grew since. @param {Files} files @param {{ keys: readonly VerifierKey[], checkpoint: Checkpoint }} of */
  async previous(files, { keys, checkpoint }) {
    const file = log.names.previous;
    if (!files.has(file)) {
      this.notProven.push("That the log only grew since an earlier checkpoint: the bundle names none. Compare the checkpoint with those that your own monitor, mailbox or witness holds.");
      return null;
    }
    const text = textOf(await files.whole(file)) ?? "";
    const at = text.indexOf("\n\n");
    const [head = "", ...path] = text.slice(0, Math.max(at, 0)).split("\n");
    const earlier = await readCheckpoint(this.platform, file, utf8(text.slice(at + 2)), keys);
    must(head === `old ${earlier.size}` && earlier.origin === checkpoint.origin, file, "does not begin with the size of the checkpoint in it, or is of another log");
    const proof = { first: earlier.size, second: checkpoint.size, firstRoot: earlier.root, secondRoot: checkpoint.root, path: readHashes(file, path, 2) };
    must(isConsistent(treeHashes(this.platform.hash), proof), file, `does not prove that the log of ${checkpoint.size} entries begins with that of ${earlier.size}`);
    this.proven.push(`The log of ${checkpoint.size} entries begins with the ${earlier.size} that the checkpoint before signs: nothing before was changed, moved or removed.`);
    this.about = { ...this.about, previousSize: earlier.size, previousRoot: hex(earlier.root) };
    return earlier;
  }

  /** A checkpoint that the reader kept: the same log, or one that began so. @param {readonly VerifierKey[]} keys @param {Checkpoint} checkpoint */
  async held(keys, checkpoint) {
    if (!this.given.checkpoint) return null;
    const given = await readCheckpoint(this.platform, held, this.given.checkpoint, keys);
    must(given.origin === checkpoint.origin, held, `is of the log ${given.origin}, the bundle's of ${checkpoint.origin}`);
    return given;
  }

  /** @param {Files} files @param {Record<string, unknown>} predicate */
  async card(files, predicate) {
    /** @type {Record<string, unknown> | null} */
    let found = null;
    await files.checking([card], async () => {
      const value = await files.json(card);
      must(value.report_id === predicate.report_id, card, "is of another report than the manifest");
      const period = isRecord(value.period) ? value.period : {};
      const words = (/** @type {unknown} */ one) => (typeof one === "string" ? one : null);
      const filters = isRecord(value.filters) && Object.keys(value.filters).length > 0 ? canonical(value.filters) : null;
      this.about = { ...this.about, report: words(value.report_id), environment: words(value.environment), madeAt: words(value.run_finished_at), from: words(period.from), to: words(period.to), filters };
      found = value;
    });
    return /** @type {Record<string, unknown> | null} */ (found);
  }

  /** @param {Files} files @param {{ checkpoint: Checkpoint, previous: Checkpoint | null, heldCheckpoint: Checkpoint | null, matching: Matching | null }} of */
  async entries(files, { checkpoint, previous, heldCheckpoint, matching }) {
    const { names } = log;
    /** @type {log.Range | null} */
    let read = null;
    const holds = await files.checking([names.range, names.locator, names.entries, names.clear], async () => {
      const range = log.readRange(await files.json(names.range));
      must(range.size === checkpoint.size, names.range, `is of a log of ${range.size} entries; the checkpoint signs ${checkpoint.size}`);
      const found = await log.checkEntries(files, { range, checkpoint, facts: this.facts, held: heldCheckpoint, matching });
      read = range;
      this.about = { ...this.about, from: this.about.from ?? null, positionFrom: range.from, positionTo: range.to, events: found.opened, hidden: found.hidden, clearValues: found.clearValues };
      const span = range.to === range.from ? "No entry is in the bundle" : `Positions ${range.from} to ${range.to - 1}: ${counted(found.opened, "event")} in full and ${found.hidden} by their hash only`;
      this.proven.push(`${span}, exactly as in the log of ${checkpoint.size} entries that the checkpoint signs: none changed, missing, added or moved.`);
      this.proven.push(`Names and free texts (${found.clearValues}) are what the events hold the salted hashes of.`);
      if (heldCheckpoint) this.compareHeld(heldCheckpoint, { checkpoint, previous, heldRoot: found.heldRoot });
    });
    return holds ? /** @type {log.Range | null} */ (read) : null;
  }

  /** How the sample was drawn, where there is one. @param {Files} files @param {{ checkpoint: Checkpoint, previous: Checkpoint | null }} of */
  async draws(files, { checkpoint, previous }) {
    /** @type {sampled.Draws | null} */
    let draws = null;
    if (files.has(sampled.names.parameters)) {
      await files.checking([sampled.names.parameters], async () => {
        draws = sampled.readDraws(await files.json(sampled.names.parameters), { checkpoint, previous, hash: this.platform.hash });
      });
    }
    return /** @type {sampled.Draws | null} */ (draws);
  }

  /** @param {Checkpoint} kept @param {{ checkpoint: Checkpoint, previous: Checkpoint | null, heldRoot: Uint8Array | null }} with_ */
  compareHeld(kept, { checkpoint, previous, heldRoot }) {
    const same = [checkpoint, previous].find((one) => one?.size === kept.size)?.root ?? heldRoot;
    if (!same) {
      const why = kept.size > checkpoint.size ? `it is newer (${kept.size} entries) than the bundle's (${checkpoint.size})` : `the bundle does not hold what stands at its size (${kept.size})`;
      this.notProven.push(`That the log is the one of the checkpoint that you gave: ${why}. Ask Curfew for a consistency proof between the two.`);
      return;
    }
    must(equal(same, kept.root), held, `says another root at ${kept.size} entries than the bundle's log has: this is another history`);
    this.proven.push(`The log is the one of the checkpoint that you gave (${kept.size} entries).`);
  }

  /**
   * @param {Files} files
   * @param {{ trusted: readonly VerifierKey[], keys: readonly VerifierKey[], exportKey: VerifierKey, checkpoint: Checkpoint }} of
   */
  async keysOf(files, { trusted, exportKey, checkpoint }) {
    const announced = `keys/${exportKey.id}.json`;
    let isAnnounced = false;
    for (const name of files.entries.keys()) {
      if (!/^keys\/[0-9a-f]{8}\.json$/.test(name)) continue;
      await files.checking([name, name.replace(/json$/, "tlog-proof")], async () => {
        const vkey = await this.announcement(files, name, checkpoint);
        if (name === announced && vkey === exportKey.vkey) isAnnounced = true;
      });
    }
    const names = checkpoint.signers.map(({ vkey }) => vkey);
    const isTrusted = (/** @type {string} */ vkey) => trusted.some((key) => key.vkey === vkey);
    this.about = { ...this.about, logKey: names.join(" "), exportKey: exportKey.vkey };
    const isLogTrusted = names.some(isTrusted);
    if (isLogTrusted) this.proven.push("The checkpoint is signed by the key that you gave.");
    else if (trusted.length > 0 && !isTrusted(exportKey.vkey)) must(false, log.names.checkpoint, `is signed by ${names.join(" ")}, not by a key that you gave`);
    else this.notProven.push(`Whose the log is: the checkpoint is signed by the key ${names.join(" ")}, which the bundle itself brings. Compare it with the key that your own monitor or mailbox holds, or give it with --key.`);
    const isKnown = isAnnounced || isTrusted(exportKey.vkey);
    must(isKnown || !isLogTrusted, manifest, `is signed by the key ${exportKey.vkey}, which is neither announced in the log nor given`);
    if (isTrusted(exportKey.vkey)) this.proven.push("The manifest is signed by the key that you gave.");
    else if (isAnnounced) this.proven.push("The key that signed the manifest was announced in the log.");
    else this.notProven.push(`Whose the manifest is: it is signed by the key ${exportKey.vkey}, which the log's part of the bundle does not announce.`);
    if (checkpoint.others.length > 0) this.notProven.push(`Signatures of ${checkpoint.others.map(({ name }) => name).join(", ")}: their keys were not given.`);
  }

  /** @param {Files} files @param {string} name @param {Checkpoint} checkpoint */
  async announcement(files, name, checkpoint) {
    const proofName = name.replace(/json$/, "tlog-proof");
    const bytes = await files.whole(name);
    const proof = readProof(proofName, await files.whole(proofName));
    must(equal(proof.checkpoint, await files.whole(log.names.checkpoint)), proofName, "ends with another checkpoint than the bundle's");
    const hashes = treeHashes(this.platform.hash);
    must(isIncluded(hashes, { leaf: hashes.leaf(bytes), index: proof.index, size: checkpoint.size, root: checkpoint.root, path: proof.path }), proofName, `does not prove that ${name} is in the log at position ${proof.index}`);
    const event = jsonOf(textOf(bytes));
    const data = isRecord(event) && event.type === "ledger.key-announced" && isRecord(event.data) ? event.data : null;
    must(data && typeof data.vkey === "string", name, "is no announcement of a key");
    return data.vkey;
  }

  /** @param {Files} files */
  async beside(files) {
    const { names } = beside;
    await files.checking([names.proofs], async () => {
      const { count, bound, missing } = await beside.checkProofs(files, this.facts);
      this.proven.push(`Answers of passkeys (${count}) hold by themselves (WebAuthn), ${bound} of them as the very ones whose hash an event has.`);
      if (missing > 0) this.notProven.push(`Proofs of passkeys that events name and that are not in the bundle: ${missing}.`);
    });
    await files.checking([names.policies], async () => {
      const { count, missing } = await beside.checkPolicies(files, this.facts);
      this.proven.push(`Sets of policies (${count}) are those whose hashes decisions name.`);
      if (missing > 0) this.notProven.push(`What sets of policies said that decisions name by hash, and whose text is not in the bundle: ${missing}.`);
    });
    await files.checking([names.tickets], async () => {
      const { count, missing } = await beside.checkTickets(files, this.facts);
      this.proven.push(`Answers of ticket systems (${count}) are those whose hashes events name.`);
      if (missing > 0) this.notProven.push(`Answers of ticket systems that events name by hash and that are not in the bundle: ${missing}.`);
    });
  }

  /** Rows of both files against each other, the events, the report card's counts and the sample. @param {Files} files @param {{ matching: Matching, draws: sampled.Draws | null, range: log.Range, checkpoint: Checkpoint, note: Uint8Array }} of */
  async chains(files, { matching, draws, range, checkpoint, note }) {
    const holds = await files.checking([rows.json, rows.csv, card], async () => {
      const again = [...(await matching.finish())];
      for (let at = 0; at < again.length; at += mostAgain) await this.again(files, new Set(again.slice(at, at + mostAgain)), { matching, range, checkpoint });
      const said = matching.reportCard.counts;
      matching.tally.finish(isRecord(said) ? said : {});
      const { counts } = matching.tally;
      this.about = { ...this.about, rows: counts.rows, requests: counts.requests, grants: counts.grants, refusedAsks: counts.refused_asks };
      this.proven.push(`${counted(counts.rows, "row")} (${counted(counts.requests, "request")}, ${counted(counts.grants, "grant")}, ${counted(counts.refused_asks, "refused ask")}): what they say of who asked, who decided, what was issued, when it ended and how that was proven is what the events say, and the report card counts them so.`);
    });
    if (!draws || !holds) return;
    await files.checking([sampled.names.list], async () => {
      const { records, proofs } = await sampled.checkSample(files, draws, { checkpoint, note });
      const when = draws.which === "previous" ? `the checkpoint before (${draws.size} entries)` : "this checkpoint";
      this.proven.push(`The sample of ${counted(records, "record")} is the one that the nonce ${JSON.stringify(draws.nonce)} and ${when} give, with ${counted(proofs, "event")}, each with a proof of its own.`);
    });
  }

  /** Reads the log once more, for what did not fit when rows and events went by side by side. @param {Files} files @param {ReadonlySet<string | number>} only @param {{ matching: Matching, range: log.Range, checkpoint: Checkpoint }} of */
  async again(files, only, { matching, range, checkpoint }) {
    const facts = new Facts(this.platform.hash, only);
    await log.checkEntries(files, { range, checkpoint, facts, held: null, matching: null });
    await judge(files, matching, facts);
  }

  /** What nothing else reads: each file is what was signed, and the report card says so too. @param {Files} files @param {Record<string, unknown> | null} reportCard */
  async rest(files, reportCard) {
    for (const name of files.entries.keys()) {
      if (files.same.has(name) || files.problems.some((problem) => problem.file === name)) continue;
      await files.checking([], async () => {
        for await (const bytes of files.read(name)) void bytes;
      });
    }
    if (!reportCard) return;
    await files.checking([card], async () => {
      for (const one of Array.isArray(reportCard.files) ? reportCard.files : []) {
        const signed = isRecord(one) ? files.signed.get(String(one.path)) : undefined;
        must(isRecord(one) && signed && signed.sha256 === one.sha256 && signed.bytes === one.bytes, card, `names ${isRecord(one) ? String(one.path) : "a file"} as another file than the manifest`);
      }
    });
    if (files.problems.length === 0) this.proven.unshift(`All ${files.entries.size} files are those that were signed together, and nothing was added, left out or changed.`);
  }

  /** What no bundle can prove. @param {Checkpoint} checkpoint */
  limits(checkpoint) {
    this.notProven.push("That what is shown by its hash only has nothing to do with these chains: choose any such position and ask Curfew for its bytes; their hash has to be the one in the bundle.");
    this.notProven.push(`When the checkpoint over ${checkpoint.size} entries was signed: its time is Curfew's own, unless a witness or a time stamp outside says "not later than".`);
    this.notProven.push("That Curfew saw everything that happened on the systems: the report card says what its sources cannot see.");
  }
}

return { format, verifyBundle };
})();

const $node = (() => {
/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */

const publicPrefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/** What the checks need, of Node.js 18 and later. @returns {Promise<Platform>} */
async function nodePlatform() {
  const [crypto, zlib, { Readable }] = await Promise.all([import("node:crypto"), import("node:zlib"), import("node:stream")]);
  const { createHash, createPublicKey, verify } = crypto;
  // One call for a whole hash is there since Node.js 20.12, and twice as fast.
  const whole = /** @type {undefined | ((name: string, bytes: Uint8Array, form: "buffer") => Uint8Array)} */ (Reflect.get(crypto, "hash"));
  const fits = (/** @type {string | null} */ algorithm, /** @type {Uint8Array} */ message, /** @type {() => import("node:crypto").KeyObject} */ key, /** @type {Uint8Array} */ signature) => {
    try {
      return verify(algorithm, message, key(), signature);
    } catch {
      return false;
    }
  };
  /** @type {Map<string, import("node:crypto").KeyObject>} */
  const known = new Map();
  const rawKey = (/** @type {Uint8Array} */ publicKey) => {
    const name = Buffer.from(publicKey).toString("hex");
    const key = known.get(name) ?? createPublicKey({ key: Buffer.concat([Uint8Array.from(publicPrefix), publicKey]), format: "der", type: "spki" });
    known.set(name, key);
    return key;
  };
  return {
    hash: whole ? (bytes) => whole("sha256", bytes, "buffer") : (bytes) => createHash("sha256").update(bytes).digest(),
    hasher: () => createHash("sha256"),
    ed25519: (publicKey, message, signature) => Promise.resolve(fits(null, message, () => rawKey(publicKey), signature)),
    passkey: (key, message, signature) => Promise.resolve(fits(key.kty === "OKP" ? null : "sha256", message, () => createPublicKey({ key: { ...key }, format: "jwk" }), signature)),
    inflateWhole: (packed, most) => zlib.inflateRawSync(packed, { maxOutputLength: most + 1 }),
    inflate: (packed) => {
      const source = Readable.from(packed, { objectMode: false });
      const inflater = zlib.createInflateRaw({ chunkSize: 2 ** 18 });
      source.on("error", (error) => inflater.destroy(error));
      return source.pipe(inflater);
    },
  };
}

/** A file on disk, to read from any place. @param {string} path @returns {Promise<Source & { close: () => Promise<void> }>} */
async function openFile(path) {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "r");
  const { size } = await file.stat();
  return {
    size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(length);
      let at = 0;
      while (at < length) {
        const { bytesRead } = await file.read(bytes, at, length - at, offset + at);
        if (bytesRead === 0) throw new RangeError(`the file became shorter while it was read: ${path}`);
        at += bytesRead;
      }
      return bytes;
    },
    close: () => file.close(),
  };
}

return { nodePlatform, openFile };
})();

const $command = (() => {
const { verifyBundle } = $bundle;
const { nodePlatform, openFile } = $node;

const usage = `Checks a bundle of evidence, offline, with nothing but Node.js.

  curfew verify BUNDLE.zip [--key VKEY]... [--checkpoint FILE] [--json]
  node verify.mjs BUNDLE.zip [the same]

  --key         a verifier key that you have from elsewhere: of the log, or of exports
  --checkpoint  a checkpoint that you kept: the bundle's log has to be the same one
  --json        the result as JSON

Ends with 0 when everything holds, 1 when something is wrong, 2 when there was nothing to check.
`;

/** @param {readonly string[]} args */
function readArguments(args) {
  /** @type {{ files: string[], keys: string[], checkpoint: string | null, json: boolean, wrong: string | null }} */
  const read = { files: [], keys: [], checkpoint: null, json: false, wrong: null };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const value = args[index + 1];
    if (arg === "--json") read.json = true;
    else if ((arg === "--key" || arg === "--checkpoint") && value !== undefined) {
      if (arg === "--key") read.keys.push(value);
      else read.checkpoint = value;
      index += 1;
    } else if (arg.startsWith("--")) read.wrong = arg;
    else read.files.push(arg);
  }
  return read;
}

/** @typedef {Awaited<ReturnType<typeof verifyBundle>>} Result */

/** The result in words. @param {Result} result */
function words({ ok, first, problems, proven, notProven, about }) {
  const lines = [];
  const place = (/** @type {{ file: string, at: string | null }} */ { file, at }) => (at === null ? file : `${file}, ${at}`);
  if (ok) lines.push("The bundle holds.");
  else if (first) lines.push("The bundle does not hold. The first thing that is wrong:", "", `  ${place(first)}: ${first.what}`);
  if (problems.length > 1) lines.push("", "Also:", ...problems.slice(1, 10).map((problem) => `  ${place(problem)}: ${problem.what}`));
  if (typeof about.log === "string") lines.push("", `Report ${about.report ?? "?"} of the log ${about.log} at ${about.size} entries.`);
  if (proven.length > 0) lines.push("", ok ? "Proven:" : "What was found to hold all the same:", ...proven.map((line) => `  - ${line}`));
  if (ok && notProven.length > 0) lines.push("", "Not proven:", ...notProven.map((line) => `  - ${line}`));
  return `${lines.join("\n")}\n`;
}

/** The command line. @param {readonly string[]} args @returns {Promise<number>} */
async function main(args) {
  const { files, keys, checkpoint, json, wrong } = readArguments(args);
  const [file, ...more] = files;
  if (wrong !== null || file === undefined || more.length > 0) {
    process.stderr.write(usage);
    return 2;
  }
  const { readFile } = await import("node:fs/promises");
  let source;
  let kept = null;
  try {
    source = await openFile(file);
    kept = checkpoint === null ? null : new Uint8Array(await readFile(checkpoint));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
  try {
    const result = await verifyBundle({ source, platform: await nodePlatform(), keys, checkpoint: kept });
    process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : words(result));
    return result.ok ? 0 : 1;
  } finally {
    await source.close();
  }
}

return { words, main };
})();

const $web = (() => {
const { concat, utf8 } = $bytes;
const { verifyBundle } = $bundle;
const { Sha256, sha256 } = $sha256;

/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */

/** An ECDSA signature of DER (RFC 3279 §2.2.3) as Web Crypto wants it: both numbers in 32 bytes each. @param {Uint8Array} der */
function rawSignature(der) {
  /** @type {Uint8Array[]} */
  const numbers = [];
  let at = 2;
  for (let index = 0; index < 2; index++) {
    const length = der[at + 1] ?? 0;
    const digits = der.subarray(at + 2, at + 2 + length);
    const start = digits.findIndex((value) => value !== 0);
    const value = start < 0 ? new Uint8Array(0) : digits.subarray(start);
    if (der[at] !== 2 || value.length > 32) return null;
    numbers.push(concat([new Uint8Array(32 - value.length), value]));
    at += 2 + length;
  }
  return der[0] === 0x30 && der[1] === der.length - 2 && at === der.length ? concat(numbers) : null;
}

const algorithms = {
  EC: { key: { name: "ECDSA", namedCurve: "P-256" }, verify: { name: "ECDSA", hash: "SHA-256" } },
  RSA: { key: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, verify: { name: "RSASSA-PKCS1-v1_5" } },
  OKP: { key: { name: "Ed25519" }, verify: { name: "Ed25519" } },
};

/** @param {"raw" | "jwk"} form @param {any} key @param {keyof typeof algorithms} kind @param {Uint8Array} message @param {Uint8Array | null} signature */
async function fits(form, key, kind, message, signature) {
  if (!signature) return false;
  const { subtle } = globalThis.crypto;
  const algorithm = algorithms[kind];
  try {
    const imported = await subtle.importKey(form, key, algorithm.key, false, ["verify"]);
    return await subtle.verify(algorithm.verify, imported, signature, message);
  } catch (error) {
    if (error instanceof Error && error.name === "NotSupportedError") throw new Error("This browser cannot check Ed25519 signatures: use one of 2025 or later, or Node.js.");
    return false;
  }
}

/** @param {AsyncIterable<Uint8Array>} packed @returns {AsyncGenerator<Uint8Array>} */
async function* inflate(packed) {
  const parts = packed[Symbol.asyncIterator]();
  const stream = new ReadableStream({
    pull: async (controller) => {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const reader = stream.pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What the checks need, of a browser. @returns {Platform} */
function webPlatform() {
  return {
    hash: sha256,
    hasher: () => new Sha256(),
    ed25519: (publicKey, message, signature) => fits("raw", publicKey, "OKP", message, signature),
    passkey: (key, message, signature) => fits("jwk", key, key.kty, message, key.kty === "EC" ? rawSignature(signature) : signature),
    inflate,
  };
}

/** A file that somebody chose: it is read where it is, and leaves the machine by no way. @param {Blob} file @returns {Source} */
const sourceOf = (file) => ({ size: file.size, read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()) });

/** Serves a page: takes a file, tells progress, answers the result. @param {{ onmessage: unknown, postMessage: (message: unknown) => void }} scope of a worker */
function serve(scope) {
  scope.onmessage = async (/** @type {{ data: { file: Blob, keys: string[], checkpoint: string | null } }} */ { data }) => {
    let told = 0;
    const onProgress = (/** @type {number} */ share) => {
      if (share - told < 0.01) return;
      told = share;
      scope.postMessage({ progress: share });
    };
    try {
      const { file, keys, checkpoint } = data;
      scope.postMessage({ result: await verifyBundle({ source: sourceOf(file), platform: webPlatform(), keys, checkpoint: checkpoint === null ? null : utf8(checkpoint), onProgress }) });
    } catch (error) {
      scope.postMessage({ fault: error instanceof Error ? error.message : String(error) });
    }
  };
}

return { webPlatform, serve };
})();

const isNode = typeof process === "object" && typeof process.versions?.node === "string";
if (isNode) {
  const [{ realpathSync }, { fileURLToPath }] = await Promise.all([import("node:fs"), import("node:url")]);
  if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) process.exitCode = await $command.main(process.argv.slice(2));
} else if (typeof WorkerGlobalScope === "function" && self instanceof WorkerGlobalScope) {
  $web.serve(self);
}

export const { verifyBundle } = $bundle;
export const { nodePlatform, openFile } = $node;
