import type { ListUrl } from "@/components/data-table/use-list-url";
import { PlainTable } from "@/components/ui/page/plain-table";
import { type Bar, type EvidenceSeries, seriesKinds, spreadKinds, type TimeSpread } from "@/lib/evidence/views/series-types";
import { formatCount } from "@/lib/platform/format";
import styles from "./over-time.module.css";
import { barWords, bucketWords, seriesWords, spreadCell, spreadMeanings, spreadWords } from "./words";

type SeriesTableProps = { bars: readonly Bar[]; periodOf: ((bar: Bar) => { readonly from: string; readonly to: string }) | null; url: ListUrl };

/** The same numbers as the charts', and what they come to. */
export function SeriesTable({ bars, periodOf, url }: SeriesTableProps) {
  return (
    <PlainTable label="Counts over time" head={["Period", ...seriesKinds.map((kind) => seriesWords[kind])]}>
      {bars.map((bar) => (
        <tr key={bar.from}>
          <th scope="row">
            {periodOf ? (
              <a href={url.hrefWith(periodOf(bar))} onClick={url.follow(periodOf(bar))}>
                {barWords(bar)}
              </a>
            ) : (
              barWords(bar)
            )}
          </th>
          {seriesKinds.map((kind) => (
            <td key={kind} className={styles.number}>
              {formatCount(bar.counts[kind])}
            </td>
          ))}
        </tr>
      ))}
      <tr>
        <th scope="row">Together</th>
        {seriesKinds.map((kind) => (
          <td key={kind} className={styles.number}>
            {formatCount(bars.reduce((sum, { counts }) => sum + counts[kind], 0))}
          </td>
        ))}
      </tr>
    </PlainTable>
  );
}

const shares = [
  ["half within", "p50"],
  ["90% within", "p90"],
  ["99% within", "p99"],
] as const satisfies readonly (readonly [string, keyof TimeSpread])[];

/** How long things took, in numbers. */
export function SpreadTable({ spreads }: Pick<EvidenceSeries, "spreads">) {
  return (
    <PlainTable label="How long it took" head={["", ...spreadKinds.map((kind) => spreadWords[kind])]}>
      <tr>
        <th scope="row">measured</th>
        {spreadKinds.map((kind) => (
          <td key={kind}>{spreadMeanings[kind]}</td>
        ))}
      </tr>
      <Row words="times" of={({ count }) => formatCount(count)} spreads={spreads} />
      {shares.map(([words, share]) => (
        <Row key={share} words={words} of={(spread) => spreadCell(spread[share])} spreads={spreads} />
      ))}
      {bucketWords.map((words, at) => (
        <Row key={words} words={words} of={({ buckets }) => formatCount(buckets[at] ?? 0)} spreads={spreads} />
      ))}
    </PlainTable>
  );
}

function Row({ words, of, spreads }: { words: string; of: (spread: TimeSpread) => string } & Pick<EvidenceSeries, "spreads">) {
  return (
    <tr>
      <th scope="row">{words}</th>
      {spreadKinds.map((kind) => (
        <td key={kind} className={styles.number}>
          {of(spreads[kind])}
        </td>
      ))}
    </tr>
  );
}
