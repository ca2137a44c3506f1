// Samples that anybody can draw again: seed = SHA-256("sample/v1\n" checkpoint root (base64) "\n" nonce "\n" stratum), rank =
// SHA-256(seed in hex "\n" id), lowest first.
import { base64, hex, utf8 } from "./bytes.mjs";

/** @param {(bytes: Uint8Array) => Uint8Array} hash @param {{ root: Uint8Array, nonce: string, stratum: string }} of */
export const seedOf = (hash, { root, nonce, stratum }) => hex(hash(utf8(`sample/v1\n${base64(root)}\n${nonce}\n${stratum}`)));

/** @param {(bytes: Uint8Array) => Uint8Array} hash @param {string} seed @param {string} id */
export const rankOf = (hash, seed, id) => hex(hash(utf8(`${seed}\n${id}`)));

/** What a row is called in a sample. @param {Record<string, unknown>} row */
export const itemOf = (row) => String(row.grant_id ?? row.request_id ?? `position-${String(row.ledger_first)}`);

/** Whether a row belongs to a stratum: `all`, or `<column>:<value>`. @param {Record<string, unknown>} row @param {string} stratum */
export function isOf(row, stratum) {
  const [column = "", ...value] = stratum.split(":");
  return stratum === "all" || (value.length > 0 && row[column] === value.join(":"));
}

/** @typedef {{ id: string, rank: string, row: Record<string, unknown>, events: number }} Drawn */

/** The first `count` of all that are offered, by rank. */
export class Draw {
  /** @param {(bytes: Uint8Array) => Uint8Array} hash @param {{ root: Uint8Array, nonce: string, stratum: string, count: number }} of */
  constructor(hash, of) {
    this.hash = hash;
    this.stratum = of.stratum;
    this.most = of.count;
    this.seed = seedOf(hash, of);
    /** @type {Drawn[]} */
    this.drawn = [];
  }

  /** @param {Record<string, unknown>} row @param {number} events how many its chain has */
  offer(row, events) {
    if (!isOf(row, this.stratum)) return;
    const id = itemOf(row);
    const rank = rankOf(this.hash, this.seed, id);
    const isBehind = this.drawn.length >= this.most && rank >= (this.drawn.at(-1)?.rank ?? "");
    if (isBehind || this.drawn.some((other) => other.id === id)) return;
    const at = this.drawn.findIndex((other) => rank < other.rank);
    this.drawn.splice(at < 0 ? this.drawn.length : at, 0, { id, rank, row, events });
    if (this.drawn.length > this.most) this.drawn.pop();
  }
}
