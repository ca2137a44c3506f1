// The log's part of a bundle: entries of a range of positions, whose hashes together with a few others give the root that
// the checkpoint signs; and the clear values beside the events.
import { concat, equal, fromBase64, fromBase64Bytes, fromHex, hex, isCount, isRecord, must, textOf, utf8, Wrong } from "../formats/bytes.mjs";
import { Frontier, subtreeWidths, treeHashes } from "../formats/merkle.mjs";
import { jsonLines, lineBatches } from "../formats/text.mjs";

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("./facts.mjs").Facts} Facts */
/** @typedef {import("../formats/signed.mjs").Checkpoint} Checkpoint */
/** @typedef {{ from: number, to: number, size: number, left: Uint8Array[], right: Uint8Array[] }} Range */

export const names = { entries: "log/entries.jsonl", locator: "log/locator.bin", range: "log/range.json", clear: "clear.jsonl", checkpoint: "log/checkpoint.txt", previous: "log/consistency-from-previous.txt" };
const brace = 123;
const quote = 34;
const locatorBytes = 4;
const nothing = new Map();

/** Reads the range proof. @param {Record<string, unknown>} value @returns {Range} */
export function readRange(value) {
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
export async function checkEntries(files, { range, checkpoint, facts, held, matching }) {
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
