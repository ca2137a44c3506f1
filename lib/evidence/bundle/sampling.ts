import "server-only";
import { createHash } from "node:crypto";
import type { ChainRow } from "../exports/run";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

/** The seed of a stratum: fixed by the log's root, which nobody chose, and the nonce, which Curfew did not. */
export function seedOf({ root, nonce, stratum }: { readonly root: Uint8Array; readonly nonce: string; readonly stratum: string }): string {
  return sha256(`sample/v1\n${Buffer.from(root).toString("base64")}\n${nonce}\n${stratum}`);
}

/** Where an item stands in the order of a seed; the lowest are drawn. */
export function rankOf(seed: string, id: string): string {
  return sha256(`${seed}\n${id}`);
}

/** What a row is called in a sample. */
export function itemOf(row: ChainRow): string {
  return String(row["grant_id"] ?? row["request_id"] ?? `position-${row["ledger_first"]}`);
}

/** One drawn record. */
export type Drawn = { readonly id: string; readonly rank: string; readonly row: ChainRow };

/** The first of one stratum by rank, while rows go by. A stratum is `all`, or `<column>:<value>`. */
export class Draw {
  readonly stratum: string;
  readonly seed: string;
  readonly drawn: Drawn[] = [];
  private readonly most: number;

  constructor(stratum: string, { root, nonce, count }: { readonly root: Uint8Array; readonly nonce: string; readonly count: number }) {
    this.stratum = stratum;
    this.seed = seedOf({ root, nonce, stratum });
    this.most = count;
  }

  offer(row: ChainRow): void {
    const [column = "", ...value] = this.stratum.split(":");
    if (this.stratum !== "all" && (value.length === 0 || row[column] !== value.join(":"))) return;
    const id = itemOf(row);
    const rank = rankOf(this.seed, id);
    if (this.drawn.some((other) => other.id === id)) return;
    const at = this.drawn.findIndex((other) => rank < other.rank);
    this.drawn.splice(at < 0 ? this.drawn.length : at, 0, { id, rank, row });
    if (this.drawn.length > this.most) this.drawn.pop();
  }
}

/** The list of what was drawn, as it can be made again by hand. */
export function sampleList(draws: readonly Draw[]): string {
  const lines = draws.flatMap(({ stratum, seed, drawn }) => drawn.map(({ id, rank }, index) => `${stratum},${seed},${index + 1},${id},${rank}`));
  return `${["stratum,seed,rank,record,rank_hash", ...lines].join("\n")}\n`;
}
