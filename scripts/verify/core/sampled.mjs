// The sample of a bundle: drawn again from its rows, and each event of it with a proof of its own.
import { canonical, equal, isCount, isRecord, jsonOf, must, textOf } from "../formats/bytes.mjs";
import { isIncluded, treeHashes } from "../formats/merkle.mjs";
import { Draw } from "../formats/sample.mjs";
import { readProof } from "../formats/signed.mjs";

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("../formats/signed.mjs").Checkpoint} Checkpoint */

export const names = { parameters: "sample/parameters.json", list: "sample/sample.csv" };
const most = { strata: 50, count: 500 };

/**
 * What the sample was drawn by, ready to draw again.
 * @param {Record<string, unknown>} parameters
 * @param {{ checkpoint: Checkpoint, previous: { size: number, root: Uint8Array } | null, hash: (bytes: Uint8Array) => Uint8Array }} of
 */
export function readDraws({ nonce, count, strata, checkpoint: which }, { checkpoint, previous, hash }) {
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
export function offer({ draws, size }, row, events) {
  if (typeof row.ledger_first !== "number" || row.ledger_first >= size) return;
  for (const draw of draws) draw.offer(row, events);
}

/** @param {Draws} draws */
function listOf({ draws }) {
  const lines = draws.flatMap(({ stratum, seed, drawn }) => drawn.map(({ id, rank }, index) => `${stratum},${seed},${index + 1},${id},${rank}`));
  return `${["stratum,seed,rank,record,rank_hash", ...lines].join("\n")}\n`;
}

/** The list is the one that the rules give, and each record of it is here with its events and their proofs. @param {Files} files @param {Draws} draws @param {{ checkpoint: Checkpoint, note: Uint8Array }} of */
export async function checkSample(files, draws, { checkpoint, note }) {
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

