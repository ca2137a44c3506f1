"use client";

import { SmallBars } from "@/components/charts/small-bars";
import { type Bar, type Bars, type EvidenceSeries, seriesKinds, spreadKinds } from "@/lib/evidence/views/series-types";
import { formatCount } from "@/lib/platform/format";
import styles from "./over-time.module.css";
import { barLabel, barWords, bucketLabels, bucketWords, seriesColors, seriesWords, spreadTitle } from "./words";

type SeriesChartsProps = Bars & { onPick: ((bar: Bar) => void) | undefined };

/** One small chart per series, each on a scale of its own: few ends are seen beside many asks. */
export function SeriesCharts({ bars, step, onPick }: SeriesChartsProps) {
  const pick = onPick
    ? (id: string) => {
        const bar = bars.find(({ from }) => from === id);
        if (bar) onPick(bar);
      }
    : undefined;
  return (
    <div className={styles.grid}>
      {seriesKinds.map((kind) => {
        const total = bars.reduce((sum, { counts }) => sum + counts[kind], 0);
        const drawn = bars.map((bar) => ({ id: bar.from, label: barLabel(bar, step), words: barWords(bar), value: bar.counts[kind] }));
        return <SmallBars key={kind} title={`${seriesWords[kind]}, ${formatCount(total)} by the ${step}`} bars={drawn} color={seriesColors[kind]} onPick={pick} />;
      })}
    </div>
  );
}

/** One small chart per length of time: how many lie in each bucket. */
export function SpreadCharts({ spreads }: Pick<EvidenceSeries, "spreads">) {
  return (
    <div className={styles.grid}>
      {spreadKinds.map((kind) => {
        const { buckets } = spreads[kind];
        const drawn = buckets.map((value, at) => ({ id: String(at), label: bucketLabels[at] ?? "", words: bucketWords[at] ?? "", value }));
        return <SmallBars key={kind} title={spreadTitle(kind, spreads[kind])} bars={drawn} color="var(--accent-fill)" />;
      })}
    </div>
  );
}
