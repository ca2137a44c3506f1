import type { Bar, CountedBy, EvidenceSeries, SeriesKind, SpreadKind, TimeSpread } from "@/lib/evidence/views/series-types";
import { bucketLimits } from "@/lib/evidence/views/series-types";
import { formatCapped, formatCount, formatDuration, formatPlural, formatUtc } from "@/lib/platform/format";

/** What each series is called. */
export const seriesWords = {
  asked: "Asked",
  "turned-down": "Denied or refused",
  issued: "Issued",
  used: "First used",
  ended: "Ended",
  expired: "Ended by expiry",
  proven: "Proven dead",
} as const satisfies Record<SeriesKind, string>;

/** The house's colours: live, ending, proven; what is only counted is indigo. */
export const seriesColors = {
  asked: "var(--accent-fill)",
  "turned-down": "var(--accent-fill)",
  issued: "var(--live-mark)",
  used: "var(--live-mark)",
  ended: "var(--ending-mark)",
  expired: "var(--ending-mark)",
  proven: "var(--proven-mark)",
} as const satisfies Record<SeriesKind, string>;

export const spreadWords = {
  decide: "Time to decide",
  open: "Time open",
  used: "Time used",
  prove: "Time to prove",
} as const satisfies Record<SpreadKind, string>;

/** From when to when a length is measured. */
export const spreadMeanings = {
  decide: "from asking to the decision, where people voted",
  open: "from the issue to its end",
  used: "from the first use that was seen to the last",
  prove: "from its end to the proof",
} as const satisfies Record<SpreadKind, string>;

export const countedByWords = { asked: "By day of asking", happened: "By day it happened" } as const satisfies Record<CountedBy, string>;

/** What a bar stands for: one day, or whole days from and to. */
export function barWords({ from, to }: Bar): string {
  return from === to ? `${from} (UTC)` : `${from} to ${to} (UTC)`;
}

/** The short name under a bar. */
export function barLabel({ from }: Bar, step: "day" | "week" | "month"): string {
  return step === "month" ? from.slice(0, 7) : from.slice(5);
}

const length = (seconds: number | null) => (seconds === null ? "—" : formatDuration(seconds * 1_000));
const short = (seconds: number) => formatDuration(seconds * 1_000);

/** The buckets of lengths in words; each begins where the one before ends. */
export const bucketWords: readonly string[] = [
  ...bucketLimits.map((limit, at) => (at === 0 ? `under ${short(limit)}` : `${short(bucketLimits[at - 1] ?? 0)} to ${short(limit)}`)),
  `${short(bucketLimits.at(-1) ?? 0)} or more`,
];

/** What stands under a bucket's bar: where it ends. */
export const bucketLabels: readonly string[] = [...bucketLimits.map((limit) => `<${short(limit).replace(" ", "")}`), "more"];

/** What a distribution says: half, nine of ten, 99 of 100. */
export function spreadTitle(kind: SpreadKind, { count, p50, p90, p99 }: TimeSpread): string {
  if (count === 0) return `${spreadWords[kind]}, none yet`;
  if (count === 1) return `${spreadWords[kind]}, once: ${length(p50)}`;
  return `${spreadWords[kind]}, ${formatCount(count)} times: half within ${length(p50)}, 90% within ${length(p90)}, 99% within ${length(p99)}`;
}

export const spreadCell = length;

/** Which rows were counted. */
export function countedWords({ counted, since }: EvidenceSeries): string {
  if (!counted.capped) return `Counted: ${counted.count === 1 ? "the one row" : `all ${formatPlural(counted.count, "row")}`} of the list below.`;
  const from = since === null ? "" : `, asked since ${formatUtc(since)}`;
  return `Counted: the newest ${formatCount(counted.count)} of ${formatCapped(counted)} rows${from}; what is older is not in the charts. Choose a period to count another part.`;
}
