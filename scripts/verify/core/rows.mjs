// Rows of chains.jsonl and chains.csv: against each other, against what the events say, and counted.
import { LeftOut } from "./card.mjs";
import { isRecord, must, Wrong } from "../formats/bytes.mjs";

/** @typedef {import("./facts.mjs").Facts} Facts */
/** @typedef {import("./facts.mjs").RequestFacts} RequestFacts */
/** @typedef {import("./facts.mjs").GrantFacts} GrantFacts */
/** @typedef {Record<string, unknown>} Row */

export const json = "chains.jsonl";
export const csv = "chains.csv";

/** Without these, nothing can be said about a chain. */
const needed = [
  "record", "request_id", "grant_id", "identity_id", "entitlement_id", "requester_id", "asked_at", "state", "decided_at", "voter_ids", "votes",
  "grant_state", "issued_at", "ended_at", "end_reason", "accepted_at", "proven_at", "ledger_first", "ledger_last",
];
/** Filters that leave rows of a request out, while its events are whole. */
const filtersOfGrants = ["grant", "reason", "unproven", "entitlement", "system", "sensitivity"];

/** @param {Record<string, unknown>} filters of the report card */
export const isPartOfRequests = (filters) => filtersOfGrants.some((name) => Object.hasOwn(filters, name));

/** @param {unknown} columns of the report card */
export function checkColumns(columns) {
  const names = Array.isArray(columns) ? columns.map((column) => (isRecord(column) ? String(column.name) : "")) : [];
  for (const name of needed) must(names.includes(name), "report-card.json", `lists no column ${name}`);
  return names;
}

/** @param {Row} row @param {readonly string[]} columns */
function hasColumns(row, columns) {
  let count = 0;
  for (const name in row) if (name !== columns[count++]) return false;
  return count === columns.length;
}

/**
 * One row of both files says the same.
 * @param {{ number: number, row: Row, record: { number: number, values: readonly (string | null)[] } | null, columns: readonly string[] }} both
 */
export function checkSame({ number, row, record, columns }) {
  const at = `line ${number}`;
  must(hasColumns(row, columns), json, "has other columns than the report card lists", at);
  must(record !== null, csv, `ends before the row that is line ${number} of ${json}`);
  const where = `line ${record.number}`;
  must(record.values.length === columns.length, csv, `has ${record.values.length} values instead of ${columns.length}`, where);
  columns.forEach((name, index) => {
    const said = row[name] ?? null;
    const other = record.values[index] ?? null;
    if (said === other) return;
    // A text that a spreadsheet would run has an apostrophe before it in CSV.
    const isGuarded = typeof said === "string" && /^[=+\-@\t\r]/.test(said) && other === `'${said}`;
    const isSame = typeof said === "number" ? other !== null && Number(other) === said : isGuarded;
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
export class Tally {
  constructor() {
    this.counts = { rows: 0, requests: 0, grants: 0, refused_asks: 0 };
    /** @type {Record<"by_state" | "by_grant_state" | "by_end_reason", Record<string, number>>} */
    this.by = { by_state: {}, by_grant_state: {}, by_end_reason: {} };
    this.leftOut = new LeftOut();
  }

  /** @param {Row} row */
  count(row) {
    this.counts.rows += 1;
    this.leftOut.count(row);
    if (row.record === "grant") this.counts.grants += 1;
    if (row.record === "refused-ask") this.counts.refused_asks += 1;
    for (const [group, column] of /** @type {const} */ ([["by_state", "state"], ["by_grant_state", "grant_state"], ["by_end_reason", "end_reason"]])) {
      const value = row[column];
      if (typeof value === "string") this.by[group][value] = (this.by[group][value] ?? 0) + 1;
    }
  }

  /** The report card counts what is there, and what is left out of it. @param {Record<string, unknown>} reportCard */
  finish(reportCard) {
    const counts = isRecord(reportCard.counts) ? reportCard.counts : {};
    const card = "report-card.json";
    for (const [name, count] of Object.entries(this.counts)) must(counts[name] === count, card, `counts ${shown(counts[name])} ${name.replace("_", " ")}; ${json} has ${count}`, `counts.${name}`);
    for (const [name, groups] of Object.entries(this.by)) {
      const said = isRecord(counts[name]) ? counts[name] : {};
      for (const value of new Set([...Object.keys(groups), ...Object.keys(said)])) {
        must((said[value] ?? 0) === (groups[value] ?? 0), card, `counts ${shown(said[value])} as ${value}; ${json} has ${groups[value] ?? 0}`, `counts.${name}.${value}`);
      }
    }
    this.leftOut.finish(reportCard);
  }
}

/** Holds rows against what the events say, and marks what has its row. */
export class Rows {
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
    for (const expected of row.record === "refused-ask" ? [this.expectRefused(row, at)] : this.expect(row, at)) {
      for (const column in expected) {
        const said = /** @type {Record<string, unknown>} */ (expected)[column];
        if (row[column] === said || said === undefined || !Object.hasOwn(row, column)) continue;
        throw new Wrong(json, `${column} is ${shown(row[column])}; the events of ${item} say ${shown(said)}`, at);
      }
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
      return [own];
    }
    const grant = this.facts.grants.get(String(row.grant_id));
    must(grant && grant.requestId === row.request_id, json, `grant ${String(row.grant_id)} of this request is in no event of the log`, at);
    return [own, expectedOfGrant(grant)];
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
