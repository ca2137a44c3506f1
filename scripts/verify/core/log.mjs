// The log's part of a bundle: entries of a range of positions, whose hashes together with a few others give the root that
// the checkpoint signs; and the clear values beside the events.
import { equal, fromBase64, fromBase64Bytes, fromHex, hex, isCount, isRecord, must, textOf, utf8, Wrong } from "../formats/bytes.mjs";
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

/** Says where entries and locator part, once the entry behind is known as well. */
class Parting {
  /** @param {Uint8Array} locator @param {number} from */
  constructor(locator, from) {
    this.locator = locator;
    this.from = from;
    /** @type {{ position: number, leaf: Uint8Array } | null} */
    this.first = null;
    /** @type {Uint8Array | null} */
    this.behind = null;
  }

  /** @param {number} position @param {Uint8Array} leaf */
  fits(position, leaf) {
    const at = (position - this.from) * locatorBytes;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let index = 0; index < 32; index += 4) {
      a ^= leaf[index] ?? 0;
      b ^= leaf[index + 1] ?? 0;
      c ^= leaf[index + 2] ?? 0;
      d ^= leaf[index + 3] ?? 0;
    }
    const { locator } = this;
    return a === locator[at] && b === locator[at + 1] && c === locator[at + 2] && d === locator[at + 3];
  }

  /** @param {number} position @param {Uint8Array} leaf */
  see(position, leaf) {
    if (this.first) this.behind ??= leaf;
    else if (!this.fits(position, leaf)) this.first = { position, leaf };
  }

  /** @param {string} otherwise */
  words(otherwise) {
    if (!this.first) return { at: null, what: otherwise };
    const { position, leaf } = this.first;
    const at = `line ${position - this.from + 1} (position ${position})`;
    const isNext = this.fits(position + 1, leaf);
    if (isNext && this.behind && this.fits(position, this.behind)) return { at, what: `this entry and the one at position ${position + 1} have changed places` };
    if (isNext) return { at, what: "the entry of this position is missing: the one behind it stands here" };
    if (this.behind && this.fits(position, this.behind)) return { at, what: "an entry was put in here that the log does not have" };
    return { at, what: "this is not the entry that the log has at this position" };
  }
}

/**
 * Reads all entries: their root with the rest of the log is the checkpoint's, each clear value is what its event holds the
 * salted hash of, and the events' facts are told to `facts`.
 * @param {Files} files
 * @param {{ range: Range, checkpoint: Checkpoint, facts: Facts, held: { size: number, root: Uint8Array } | null }} of `held`: a checkpoint that the reader has
 */
export async function checkEntries(files, { range, checkpoint, facts, held }) {
  const { platform } = files;
  const hashes = treeHashes(platform.hash);
  const locator = files.has(names.locator) ? await files.whole(names.locator) : new Uint8Array(0);
  must(locator.length === (range.to - range.from) * locatorBytes, names.locator, `has ${locator.length} bytes; ${range.to - range.from} positions take ${(range.to - range.from) * locatorBytes}`);
  const clear = new ClearValues(files);
  await clear.advance();
  const state = { frontier: new Frontier(hashes, range.from, range.left), parting: new Parting(locator, range.from), clear, facts, position: range.from, opened: 0, heldRoot: /** @type {Uint8Array | null} */ (null) };
  const remember = () => {
    if (held?.size === state.position) state.heldRoot = state.frontier.root();
  };
  remember();
  for await (const batch of lineBatches(names.entries, files.read(names.entries))) {
    for (const line of batch) {
      const wait = takeEntry(line, state, { range, hashes, platform });
      if (wait) await wait;
      remember();
    }
  }
  const isSigned = state.position === range.to && givesRoot(state.frontier, range, checkpoint);
  if (state.parting.first && isSigned) throw new Wrong(names.locator, "does not fit the entries, which give the root that the checkpoint signs", `byte ${(state.parting.first.position - range.from) * locatorBytes}`);
  part(state, state.position === range.to ? null : `ends after ${state.position - range.from} entries; the range has ${range.to - range.from}`);
  must(isSigned, names.entries, `positions ${range.from} to ${range.to} with the hashes of ${names.range} do not give the root that the checkpoint signs`);
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
