// What the report card says about itself: counts that have to fit each other and the rows. Its prose is signed, and no more.
import { isCount, isRecord, must } from "../formats/bytes.mjs";

const file = "report-card.json";
const groups = /** @type {const} */ (["by_state", "by_grant_state", "by_end_reason"]);
const totals = /** @type {const} */ (["rows", "requests", "grants", "refused_asks"]);

/** @typedef {Record<string, unknown>} Json */

/** @param {unknown} value @returns {Json} */
const record = (value) => (isRecord(value) ? value : {});

/** Positions that are missing are counted, and listed in order, apart from each other and below the position that it speaks of. @param {Json} card */
function checkMissing(card) {
  const { entries_counted: entries, missing_positions: missing, missing_seq: listed, last_position: last } = record(record(card.control_totals).ledger);
  const at = "control_totals.ledger";
  const size = last === null ? 0 : isCount(last) ? last + 1 : -1;
  must(isCount(entries) && isCount(missing) && entries + missing === size, file, "counts entries and missing positions that do not make up its positions", at);
  must(String(record(card.source).as_of_ledger_position) === String(size), file, "speaks of another position than its counts", at);
  must(Array.isArray(listed), file, "does not list the positions that are missing", at);
  let sum = 0;
  let after = -1;
  for (const one of listed) {
    const { from, to } = record(one);
    must(isCount(from) && isCount(to) && from > after && to >= from && to < size, file, "lists missing positions that are no stretches of its own", `${at}.missing_seq`);
    sum += to - from + 1;
    after = to + 1;
  }
  must(sum <= missing && (sum > 0 || missing === 0), file, `counts ${missing} missing positions and lists ${sum}`, `${at}.missing_seq`);
}

/** What changed since the run before is what the counts of both say. @param {Json} card */
function checkPrevious(card) {
  const previous = card.previous_run;
  if (previous === null) return;
  const at = "previous_run";
  must(isRecord(previous) && previous.report_id !== card.report_id, file, "does not say which run was before", at);
  const [now, then, said] = [record(card.counts), record(previous.counts), record(previous.differences)];
  const differs = (/** @type {Json} */ a, /** @type {Json} */ b, /** @type {string} */ name) => Number(a[name] ?? 0) - Number(b[name] ?? 0);
  for (const name of totals) must(said[name] === differs(now, then, name), file, `says that ${name} changed by ${String(said[name])}; its counts say ${differs(now, then, name)}`, `${at}.differences`);
  for (const group of groups) {
    const [a, b, told] = [record(now[group]), record(then[group]), record(said[group])];
    for (const name of new Set([...Object.keys(a), ...Object.keys(b), ...Object.keys(told)])) must((told[name] ?? 0) === differs(a, b, name), file, `says that ${name} changed by ${String(told[name] ?? 0)}; its counts say ${differs(a, b, name)}`, `${at}.differences.${group}`);
  }
  const before = Number(previous.as_of_ledger_position);
  must(before <= Number(record(card.source).as_of_ledger_position), file, "names a run before that speaks of a later position", at);
}

/** Cards of earlier definitions say none of this. @param {Json} card */
const isEarlier = (card) => Number(record(card.report_definition).version) < 3;

/** @param {Json} card */
export function checkCard(card) {
  if (isEarlier(card)) return;
  checkMissing(card);
  checkPrevious(card);
}

const erased = "[erased]";
const forgotten = "Forgotten person";
const names = ["requester_name", "identity_owner_name", "triggered_by_name", "ended_by_name"];

/** @type {Readonly<Record<string, (row: Json) => boolean>>} */
const concerns = {
  "erased-intent": (row) => row.intent === erased,
  "erased-vote-reasons": (row) => typeof row.vote_reasons === "string" && row.vote_reasons.includes(erased),
  "forgotten-names": (row) => names.some((name) => row[name] === forgotten) || (typeof row.voter_names === "string" && row.voter_names.split("; ").includes(forgotten)),
  "uses-not-settled": (row) => row.uses_complete === "open",
};

/** Counts the rows in which something is left out, as the report card counts them. */
export class LeftOut {
  constructor() {
    /** @type {Record<string, number>} */
    this.rows = Object.fromEntries(Object.keys(concerns).map((id) => [id, 0]));
  }

  /** @param {Json} row */
  count(row) {
    for (const id of Object.keys(concerns)) if (concerns[id]?.(row)) this.rows[id] = (this.rows[id] ?? 0) + 1;
  }

  /** @param {Json} card */
  finish(card) {
    if (isEarlier(card)) return;
    const { redactions } = card;
    must(Array.isArray(redactions), file, "does not say what is left out", "redactions");
    for (const [id, rows] of Object.entries(this.rows)) {
      const said = redactions.map(record).find((one) => one.id === id);
      must(said?.rows === rows, file, `says that ${id} concerns ${String(said?.rows)} rows; it concerns ${rows}`, "redactions");
    }
  }
}
