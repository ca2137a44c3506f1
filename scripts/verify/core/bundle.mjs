// Checks a bundle of evidence from its first byte to its last. Says the first thing that is wrong, what is proven, and what
// is not. Knows nothing of Curfew but the format (docs/evidence-bundle.md).
import { readArchive } from "../formats/archive.mjs";
import * as beside from "./beside.mjs";
import { canonical, equal, hex, isCount, isRecord, jsonOf, must, textOf, utf8, Wrong } from "../formats/bytes.mjs";
import { checkCard } from "./card.mjs";
import { Facts } from "./facts.mjs";
import * as log from "./log.mjs";
import { judge, Matching } from "./matching.mjs";
import { isConsistent, isIncluded, treeHashes } from "../formats/merkle.mjs";
import { Files } from "./reading.mjs";
import * as rows from "./rows.mjs";
import * as sampled from "./sampled.mjs";
import * as stamps from "./stamps.mjs";
import { readCheckpoint, readEnvelope, readHashes, readProof, readVerifierKey, readVerifierKeys } from "../formats/signed.mjs";

/** @typedef {import("./platform").Platform} Platform */
/** @typedef {import("./platform").Source} Source */
/** @typedef {import("../formats/signed.mjs").VerifierKey} VerifierKey */
/** @typedef {import("../formats/signed.mjs").Checkpoint} Checkpoint */

export const format = "curfew-evidence-bundle/1";
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
const allowedFolders = [/^reconciliation\/[a-z0-9-]+\.csv$/, /^sample\/[A-Za-z0-9-]+\/(record\.json|\d+\.json|\d+\.tlog-proof)$/, /^keys\/[0-9a-f]{8}\.(json|tlog-proof)$/, stamps.pattern];

/** @param {unknown} count @param {string} one @param {string} [many] */
const counted = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/**
 * @param {{ source: Source, platform: Platform, keys?: readonly string[], checkpoint?: Uint8Array | null, onProgress?: (share: number) => void, atOnce?: number }} of
 *   `keys`: verifier keys that the reader has from elsewhere; `checkpoint`: one that the reader kept; `atOnce`: so many requests are known before their rows are read
 */
export async function verifyBundle({ source, platform, keys = [], checkpoint = null, onProgress = () => {}, atOnce = 4_096 }) {
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
    await this.stamps(files, previous);
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

  /** Time stamps over the checkpoint before, where there are any. @param {Files} files @param {Checkpoint | null} previous */
  async stamps(files, previous) {
    const { tokens, data } = await stamps.checkStamps(files, previous);
    if (tokens === 0) return;
    this.proven.push(`Time stamps (${tokens}) in log/time-stamps are over the very text of the checkpoint before.`);
    this.notProven.push(`Who signed them, and that they are not forged: take the authority's certificate from the authority, and run openssl ts -verify -token_in -in log/time-stamps/….tst -data ${data || "log/time-stamps/….txt"} -CAfile CERTIFICATE.`);
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
      checkCard(value);
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
      matching.tally.finish(matching.reportCard);
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

