import type { CappedCount } from "@/lib/platform/format";
import type { Time } from "../types";

/** What a series counts of the rows of the list. */
export const seriesKinds = ["asked", "turned-down", "issued", "used", "ended", "expired", "proven"] as const;
export type SeriesKind = (typeof seriesKinds)[number];

/** Under which day something is counted: the day of asking, or the day on which it happened. */
export const countedBys = ["asked", "happened"] as const;
export type CountedBy = (typeof countedBys)[number];

export type SeriesCounts = Readonly<Record<SeriesKind, number>>;

/** One bar of a series: whole days in UTC, the last one included. */
export type Bar = { readonly from: string; readonly to: string; readonly counts: SeriesCounts };
export type BarStep = "day" | "week" | "month";
export type Bars = { readonly step: BarStep; readonly bars: readonly Bar[] };

/** Lengths of time that are compared. */
export const spreadKinds = ["decide", "open", "used", "prove"] as const;
export type SpreadKind = (typeof spreadKinds)[number];

/** How long something took: seconds below which half, nine of ten and 99 of 100 lie, and how many lie between two limits. */
export type TimeSpread = { readonly count: number; readonly p50: number | null; readonly p90: number | null; readonly p99: number | null; readonly buckets: readonly number[] };

/** Where one bucket of lengths ends and the next begins, in seconds; the last has no end. */
export const bucketLimits = [1, 5, 30, 300, 1_800, 7_200, 28_800, 86_400] as const;

/** What became of the rows that a filter leaves, over time. */
export type EvidenceSeries = {
  /** Rows that were counted; `capped` where more match and only the newest were counted. */
  readonly counted: CappedCount;
  /** The oldest of them was asked then; null where there is none. */
  readonly since: Time | null;
  readonly by: Readonly<Record<CountedBy, Bars>>;
  readonly spreads: Readonly<Record<SpreadKind, TimeSpread>>;
};
