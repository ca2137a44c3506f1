import { createHash } from "node:crypto";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

/**
 * The seed of a sample, in lower-case hex: from the checkpoint's root (base64), what the auditor chose after it was fixed, and
 * the stratum. Neither side can steer it.
 */
export function sampleSeed(root: string, nonce: string, stratum: string): string {
  return sha256(`sample/v1\n${root}\n${nonce}\n${stratum}`);
}

/** Where an item stands in a sample: the smallest come first. */
export function sampleRank(seed: string, id: string): string {
  return sha256(`${seed}\n${id}`);
}

/** The first `most` of what was offered, by rank, holding no more than those in memory. */
export class Sample<Item> {
  private readonly seed: string;
  private readonly most: number;
  private chosen: { readonly rank: string; readonly item: Item }[] = [];

  constructor(seed: string, most: number) {
    this.seed = seed;
    this.most = most;
  }

  offer(id: string, item: Item): void {
    const rank = sampleRank(this.seed, id);
    const last = this.chosen.at(-1);
    if (this.chosen.length === this.most && last && rank >= last.rank) return;
    const at = this.chosen.findIndex((one) => one.rank > rank);
    this.chosen.splice(at < 0 ? this.chosen.length : at, 0, { rank, item });
    if (this.chosen.length > this.most) this.chosen.pop();
  }

  /** In order of rank. */
  get items(): readonly Item[] {
    return this.chosen.map(({ item }) => item);
  }
}
