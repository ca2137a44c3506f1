// Asks that were refused, each in 25 bytes: their rows stand behind all others, so all of them have to be kept.
import { utf8 } from "../formats/bytes.mjs";

/** @typedef {import("./facts.mjs").RefusedFacts} RefusedFacts */

const digestBytes = 16;
const flags = { intentIsKnown: 1, wasSeen: 2 };

export class RefusedAsks {
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
