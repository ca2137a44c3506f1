// Rows and events go by side by side: what is known of a request is dropped once its rows were found to say the same, so
// that memory follows the requests that are open at the same time and not all of them. What does not fit this way is judged
// in a second reading, which holds those requests only.
import { isRecord, must, Wrong } from "../formats/bytes.mjs";
import { csvRecords, jsonLines } from "../formats/text.mjs";
import { RefusedAsks } from "./refused.mjs";
import * as rows from "./rows.mjs";

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

export class Matching {
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
export async function judge(files, { reportCard, isPartOfRequests, tally, see }, facts) {
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
