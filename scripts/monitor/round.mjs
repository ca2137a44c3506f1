// One round of following: a new checkpoint against everything seen before, new entries against the checkpoint, and some old
// entries once more. What does not fit is an alarm that names a position.
import { equal, jsonOf, textOf, utf8 } from "../verify/formats/bytes.mjs";
import { Frontier, treeHashes } from "../verify/formats/merkle.mjs";
import { readCheckpoint, readVerifierKey } from "../verify/formats/signed.mjs";
import { bundlesOf } from "./log.mjs";
import { frontierOf, keptFrontier } from "./state.mjs";

/** @typedef {import("./state.mjs").State} State */
/** @typedef {{ platform: import("../verify/core/platform").Platform, log: import("./log.mjs").Log, leaves: Awaited<ReturnType<typeof import("./state.mjs").openLeaves>>, state: State }} Following */

/** The log is not what it was, or not what it signed. */
export class Alarm extends Error {
  /** @param {string} what @param {number | null} position */
  constructor(what, position) {
    super(position === null ? what : `position ${position}: ${what}`);
    this.what = what;
    this.position = position;
  }
}

/** @param {Following} following @param {readonly string[]} vkeys */
function keysOf({ platform }, vkeys) {
  return vkeys.map((vkey) => {
    const key = readVerifierKey(platform, vkey);
    if (!key) throw new Alarm(`no verifier key: ${vkey}`, null);
    return key;
  });
}

/** A checkpoint that a trusted key signed; null where none did. @param {Following} following @param {Uint8Array} bytes */
async function readTrusted(following, bytes) {
  try {
    return await readCheckpoint(following.platform, "checkpoint", bytes, keysOf(following, following.state.keys));
  } catch (error) {
    if (error instanceof Alarm) throw error;
    return null;
  }
}

/** Root of the first `size` entries as they were seen. @param {Following} following @param {number} size */
async function rootSeen({ platform, leaves }, size) {
  const frontier = new Frontier(treeHashes(platform.hash));
  for (let from = 0; from < size; from += 4096) for (const leaf of await leaves.read(from, Math.min(4096, size - from))) frontier.add(leaf);
  return frontier.root();
}

/**
 * Keys that a key trusted so far announces: each in an entry of the log that a checkpoint of that key covers.
 * @param {Following} following
 */
async function learnKeys(following) {
  const { state, log } = following;
  for (const { vkey, announcedIn } of await log.keys()) {
    if (state.keys.includes(vkey) || announcedIn === null) continue;
    const handOver = await readTrusted(following, utf8(announcedIn));
    if (!handOver) continue;
    await follow(following, handOver, { announced: vkey });
    state.keys.push(vkey);
  }
}

/** @param {Uint8Array} entry @param {string} vkey */
function announces(entry, vkey) {
  const event = /** @type {{ type?: string, data?: { purpose?: string, vkey?: string } } | undefined} */ (jsonOf(textOf(entry)));
  return event?.type === "ledger.key-announced" && event.data?.purpose === "log" && event.data.vkey === vkey;
}

/** What happened at the first position where what is served is not what was seen. @param {number} at @param {readonly Uint8Array[]} seen @param {readonly (Uint8Array | undefined)[]} served */
function whatHappened(at, seen, served) {
  const fits = (/** @type {number} */ a, /** @type {number} */ b) => {
    const [one, other] = [seen[a], served[b]];
    return one !== undefined && other !== undefined && equal(one, other);
  };
  if (served[at] === undefined) return "the entry is not there any more";
  if (fits(at, at + 1) && (fits(at + 1, at + 2) || seen[at + 1] === undefined)) return "an entry was inserted";
  if (fits(at + 1, at) && !fits(at, at + 1)) return "the entry was deleted";
  const other = served.findIndex((_leaf, n) => n > at && fits(at, n) && !fits(n, n));
  if (other > 0) return `entries were reordered: what was here is at ${other - at} further on now`;
  return "the entry is not the one that was here";
}

/** Entries of a bundle that were seen before, once more. @param {Following} following @param {{ tile: number, start: number, count: number }} bundle */
async function compare({ platform, log, leaves }, { tile, start, count }) {
  const hashes = treeHashes(platform.hash);
  const [entries, seen] = [await log.entries(tile, count), await leaves.read(start, count)];
  const served = entries.map((entry) => hashes.leaf(entry));
  const at = seen.findIndex((leaf, n) => served[n] === undefined || !equal(leaf, /** @type {Uint8Array} */ (served[n])));
  if (at >= 0) throw new Alarm(whatHappened(at, seen, served), start + at);
}

/** The first position below `size` where the log is not what was seen, as an alarm; nothing where none is. @param {Following} following @param {number} size */
async function findChange(following, size) {
  for (const bundle of bundlesOf(0, size)) await compare(following, bundle);
}

/** Leaves of new entries; what the log does not serve, or hashes otherwise, is an alarm. @param {Following} following @param {number} to @param {string | null} vkey */
async function readNew({ platform, log, leaves, state }, to, vkey) {
  const hashes = treeHashes(platform.hash);
  const frontier = new Frontier(hashes, state.size, frontierOf(state));
  let isAnnounced = vkey === null;
  for (const { tile, start, count } of bundlesOf(state.size, to)) {
    const entries = await log.entries(tile, count);
    if (entries.length < count) throw new Alarm("a signed entry is not served", start + entries.length);
    const found = entries.map((entry) => hashes.leaf(entry));
    const skip = Math.max(0, state.size - start);
    const seen = skip === 0 ? [] : await leaves.read(start, skip);
    const at = seen.findIndex((leaf, n) => !equal(leaf, /** @type {Uint8Array} */ (found[n])));
    if (at >= 0) throw new Alarm(whatHappened(at, seen, found), start + at);
    await leaves.write(start + skip, found.slice(skip));
    for (const leaf of found.slice(skip)) frontier.add(leaf);
    if (vkey !== null) isAnnounced ||= entries.some((entry) => announces(entry, vkey));
  }
  return { frontier, isAnnounced };
}

/** Where new entries are not what the log itself hashed when it took them in. @param {Following} following @param {number} to */
async function findUnfit({ log, leaves, state }, to) {
  for (const { tile, start, count } of bundlesOf(state.size, to)) {
    const [said, found] = [await log.hashes(tile, count), await leaves.read(start, count)];
    const at = said?.findIndex((hash, n) => !equal(hash, /** @type {Uint8Array} */ (found[n]))) ?? -1;
    if (at >= 0) throw new Alarm("the entry is not the one that was taken into the tree", start + at);
  }
}

/** @param {Following} following @param {import("../verify/formats/signed.mjs").Checkpoint} checkpoint @param {{ announced?: string }} [options] */
async function follow(following, checkpoint, { announced } = {}) {
  const { state } = following;
  const { size, root } = checkpoint;
  if (size <= state.size) return requireSeen(following, checkpoint, announced ?? null);
  const { frontier, isAnnounced } = await readNew(following, size, announced ?? null);
  if (!equal(frontier.root() ?? utf8(""), root)) {
    await findUnfit(following, size);
    await findChange(following, state.size);
    throw new Alarm("a fork: what is served from here on is not what was signed", state.size);
  }
  if (!isAnnounced && announced !== undefined && !(await isAnnouncedBefore(following, announced))) throw new Alarm("a new key that no entry announces", null);
  Object.assign(state, { size, note: checkpoint.body, frontier: keptFrontier(frontier.roots) });
}

/** @param {Following} following @param {string} vkey */
async function isAnnouncedBefore({ log, state }, vkey) {
  for (const { tile, count } of bundlesOf(0, state.size)) if ((await log.entries(tile, count)).some((entry) => announces(entry, vkey))) return true;
  return false;
}

/** An older checkpoint must be one of the very log that was seen. @param {Following} following @param {import("../verify/formats/signed.mjs").Checkpoint} checkpoint @param {string | null} announced */
async function requireSeen(following, { size, root }, announced = null) {
  const { state } = following;
  const own = size === 0 ? null : await rootSeen(following, size);
  if (own !== null && !equal(own, root)) {
    await findChange(following, size);
    throw new Alarm(`a fork: another log of ${size} entries was signed`, Math.max(0, size - 1));
  }
  if (announced !== null && !(await isAnnouncedBefore(following, announced))) throw new Alarm("a new key that no entry announces", null);
  return state;
}

/** Some of the old entries again, the ones not looked at for longest. @param {Following} following @param {number} bundles */
async function reread(following, bundles) {
  const { state } = following;
  const start = state.rereadFrom >= state.size ? 0 : state.rereadFrom;
  const end = Math.min(state.size, start + bundles * 256);
  for (const bundle of bundlesOf(start, end)) await compare(following, bundle);
  state.rereadFrom = end >= state.size ? 0 : end;
  return { from: start, to: end };
}

/** @param {Following} following @param {{ bundles: number, others: readonly Uint8Array[] }} options */
export async function round(following, { bundles, others }) {
  const { state, log } = following;
  const bytes = await log.checkpoint();
  const before = state.size;
  const checkpoint = (await readTrusted(following, bytes)) ?? (await learnKeys(following), await readTrusted(following, bytes));
  if (!checkpoint) throw new Alarm("the checkpoint is signed by no key that is trusted", null);
  if (checkpoint.size < before) {
    await requireSeen(following, checkpoint);
    throw new Alarm(`the log is shorter than it was: ${checkpoint.size} entries, ${before} were seen`, checkpoint.size);
  }
  await follow(following, checkpoint);
  for (const other of others) {
    const given = await readTrusted(following, other);
    if (!given) throw new Alarm("a checkpoint that was given is signed by no key that is trusted", null);
    if (given.size > state.size) throw new Alarm(`a checkpoint that was given is of ${given.size} entries; the log serves ${state.size}`, state.size);
    await requireSeen(following, given);
  }
  return { size: state.size, added: state.size - before, reread: await reread(following, bundles) };
}
