"use client";

import { useState } from "react";
import { useListUrl } from "@/components/data-table/use-list-url";
import { Banner } from "@/components/ui/feedback/banner";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Button } from "@/components/ui/form/button";
import { useFetched } from "@/components/ui/form/use-fetched";
import { periodOfBar } from "@/lib/evidence/buckets";
import { type Bar, countedBys, type CountedBy, type EvidenceSeries } from "@/lib/evidence/views/series-types";
import styles from "./over-time.module.css";
import { SeriesCharts, SpreadCharts } from "./charts";
import { SeriesTable, SpreadTable } from "./tables";
import { countedByWords, countedWords } from "./words";

const restMs = 100;

/** What became of the listed rows over time and how long it took; asked of the server only while it is open. */
export function OverTime({ filter }: { filter: Readonly<Record<string, string>> }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles.section} open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={styles.summary}>
        <h2 className={styles.title}>Over time</h2>
        <span className={styles.hint}>issued, used, ended, proven; time to decide and to prove</span>
      </summary>
      {isOpen ? <Series filter={filter} /> : null}
    </details>
  );
}

function Series({ filter }: { filter: Readonly<Record<string, string>> }) {
  const [attempt, setAttempt] = useState(0);
  const query = new URLSearchParams(filter).toString();
  const { value, isOld, failed } = useFetched<EvidenceSeries>(`/api/evidence/series${query ? `?${query}` : ""}`, { restMs, attempt });
  if (failed) {
    return (
      <Banner tone="warning">
        <span className={styles.failed}>
          The figures could not be read. The list below is not concerned.
          <Button size="small" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </Button>
        </span>
      </Banner>
    );
  }
  if (!value) return <div className={styles.waiting} role="status" aria-label="Counting" />;
  if (value.counted.count === 0) return <EmptyState small title="Nothing to count" why="The filters leave no row over." />;
  return (
    <div aria-busy={isOld} data-old={isOld || undefined} className={styles.figures}>
      <Figures series={value} filter={filter} />
    </div>
  );
}

function Figures({ series, filter }: { series: EvidenceSeries; filter: Readonly<Record<string, string>> }) {
  const url = useListUrl();
  const [by, setBy] = useState<CountedBy>("asked");
  const [isTable, setTable] = useState(false);
  const { bars, step } = series.by[by];
  // A period filters by the time of asking: only where bars count by it does one lead to the rows that it counts.
  const periodOf = by === "asked" ? (bar: Bar) => periodOfBar(bar, { from: filter["from"], to: filter["to"] }) : null;
  return (
    <>
      <div className={styles.bar}>
        <p className={styles.counted}>
          {countedWords(series)} {periodOf ? "A bar leads to the rows that it counts." : null}
        </p>
        <div className={styles.choices} role="group" aria-label="How it is counted and shown">
          {countedBys.map((each) => (
            <Button key={each} size="small" aria-pressed={by === each} onClick={() => setBy(each)}>
              {countedByWords[each]}
            </Button>
          ))}
          <Button size="small" kind="quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
            {isTable ? "Show as charts" : "Show as tables"}
          </Button>
        </div>
      </div>
      {isTable ? (
        <>
          <SeriesTable bars={bars} periodOf={periodOf} url={url} />
          <SpreadTable spreads={series.spreads} />
        </>
      ) : (
        <>
          <SeriesCharts bars={bars} step={step} onPick={periodOf ? (bar) => url.go(periodOf(bar)) : undefined} />
          <SpreadCharts spreads={series.spreads} />
        </>
      )}
    </>
  );
}
