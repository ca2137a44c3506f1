import { createHash } from "node:crypto";
import type { SampleStrata } from "./types";

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

/** A row as JSON Lines hold it. */
type Row = Readonly<Record<string, string | number | null>>;

/** Fixed by the log's root (base64), which nobody chose, the nonce, which Curfew did not, and the stratum. */
type SeedOf = { readonly root: string; readonly nonce: string; readonly stratum: string };

/** The seed of a stratum, in lower-case hex. */
export function sampleSeed({ root, nonce, stratum }: SeedOf): string {
  return sha256(`sample/v1\n${root}\n${nonce}\n${stratum}`);
}

/** Where a record stands in the order of a seed: the lowest are drawn. */
export function sampleRank(seed: string, record: string): string {
  return sha256(`${seed}\n${record}`);
}

/** What a row is called in a sample: its grant, else its request, else the position of the ask that was refused. */
export function recordOf(row: Row): string {
  return String(row["grant_id"] ?? row["request_id"] ?? `position-${row["ledger_first"]}`);
}

/** What is asked to be drawn apart, as strata: all together, or each value of a column. */
export const strataOf = (by: SampleStrata): readonly string[] => [by === "all" ? "all" : `${by}:*`];

/** Strata of one draw, and records of all of them together, at most. */
export const mostStrata = 50;
export const mostRecords = 1_000;

/** How many are drawn of each stratum where so many were asked for. */
export const eachOf = (asked: number, strata: number): number => Math.min(asked, Math.floor(mostRecords / Math.max(1, strata)));

/** One drawn record. */
type Drawn = { readonly record: string; readonly rank: string; readonly row: Row };

/** The first of one stratum by rank, while rows go by, holding no more than those in memory. */
export class Draw {
  readonly stratum: string;
  readonly seed: string;
  readonly drawn: Drawn[] = [];
  private readonly most: number;

  constructor(of: SeedOf, most: number) {
    this.stratum = of.stratum;
    this.seed = sampleSeed(of);
    this.most = most;
  }

  offer(row: Row): void {
    const record = recordOf(row);
    const rank = sampleRank(this.seed, record);
    const isBehind = this.drawn.length >= this.most && rank >= (this.drawn.at(-1)?.rank ?? "");
    if (isBehind || this.drawn.some((other) => other.record === record)) return;
    const at = this.drawn.findIndex((other) => rank < other.rank);
    this.drawn.splice(at < 0 ? this.drawn.length : at, 0, { record, rank, row });
    if (this.drawn.length > this.most) this.drawn.pop();
  }
}

type Asked = { readonly root: string; readonly nonce: string; readonly count: number; readonly strata: readonly string[] };

/**
 * All strata of one sample. A stratum is `all`, `<column>:<value>` for the rows with that value, or `<column>:*` for each value
 * that the column has: the first by name where there are more than a sample may have.
 */
export class Draws {
  private readonly asked: Asked;
  private readonly draws = new Map<string, Draw>();
  private readonly values = new Map<string, Set<string>>();

  constructor(asked: Asked) {
    this.asked = asked;
    for (const stratum of asked.strata) {
      if (stratum.endsWith(":*")) this.values.set(stratum.slice(0, -2), new Set());
      else this.draws.set(stratum, this.drawOf(stratum));
    }
  }

  private drawOf(stratum: string): Draw {
    const { root, nonce, count } = this.asked;
    return new Draw({ root, nonce, stratum }, count);
  }

  offer(row: Row): void {
    for (const [column, known] of this.values) {
      const value = row[column];
      if (typeof value !== "string" || known.has(value)) continue;
      known.add(value);
      this.draws.set(`${column}:${value}`, this.drawOf(`${column}:${value}`));
      this.leaveOutTheLast(column, known);
    }
    for (const [stratum, draw] of this.draws) {
      const colon = stratum.indexOf(":");
      if (colon < 0 || row[stratum.slice(0, colon)] === stratum.slice(colon + 1)) draw.offer(row);
    }
  }

  private leaveOutTheLast(column: string, known: ReadonlySet<string>): void {
    if (this.draws.size <= mostStrata) return;
    const kept = [...known].filter((value) => this.draws.has(`${column}:${value}`)).sort();
    this.draws.delete(`${column}:${kept.at(-1) ?? ""}`);
  }

  /** What was drawn, in order of the strata's names, and how many of each at most; all together where a column had no value. */
  finish(): { readonly draws: readonly Draw[]; readonly each: number } {
    const draws = [...this.draws.values()].sort((a, b) => (a.stratum < b.stratum ? -1 : 1));
    if (draws.length === 0) draws.push(this.drawOf("all"));
    const each = eachOf(this.asked.count, draws.length);
    for (const { drawn } of draws) drawn.splice(each);
    return { draws, each };
  }
}

/** The list of what was drawn, as it can be made again by hand. */
export function sampleList(draws: readonly Draw[]): string {
  const lines = draws.flatMap(({ stratum, seed, drawn }) => drawn.map(({ record, rank }, index) => `${stratum},${seed},${index + 1},${record},${rank}`));
  return `${["stratum,seed,rank,record,rank_hash", ...lines].join("\n")}\n`;
}
