import { hex, must, textOf, Wrong } from "../formats/bytes.mjs";
import { contentOf, wholeOf } from "../formats/archive.mjs";

/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */
/** @typedef {import("../formats/archive.mjs").Entry} Entry */
/** @typedef {{ file: string, at: string | null, what: string }} Problem */
/** @typedef {{ bytes: number, sha256: string, packed: { method: string, bytes: number, sha256: string, crc32: number } }} Signed what the manifest says of a file */

const mostProblems = 50;

/** The files of one archive, each held against the manifest while it is read; what is wrong is kept in the order in which it was found. */
export class Files {
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

