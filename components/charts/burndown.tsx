"use client";

import dynamic from "next/dynamic";
import { useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { PlainTable } from "@/components/ui/page/plain-table";
import { formatCount, formatPlural } from "@/lib/platform/format";
import styles from "./charts.module.css";
import { useSeen } from "./use-seen";

/** Open items at the end of a day; null for days to come. */
export type BurndownPoint = { readonly day: string; readonly open: number | null; readonly ideal: number };

// The library weighs more than the page: it comes when the chart is seen.
const Chart = dynamic(() => import("./burndown-chart").then((module) => module.BurndownChart), { ssr: false, loading: () => <div className={styles.frame} aria-hidden /> });

/** How fast a review gets done against the even pace; its title says the finding, a table says the same in numbers. */
export function Burndown({ points }: { points: readonly BurndownPoint[] }) {
  const frame = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(frame);
  const [isTable, setTable] = useState(false);
  const finding = findingOf(points);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>{finding}</span>
        <Button size="small" kind="quiet" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          {isTable ? "Show as chart" : "Show as table"}
        </Button>
      </figcaption>
      {isTable ? (
        <PlainTable label="Open items by day" head={["Day (UTC)", "Open", "Even pace"]}>
          {points.map((point) => (
            <tr key={point.day}>
              <th scope="row">{point.day}</th>
              <td>{point.open === null ? "to come" : formatCount(point.open)}</td>
              <td>{point.ideal}</td>
            </tr>
          ))}
        </PlainTable>
      ) : (
        <div ref={frame} className={styles.frame}>
          {isSeen ? <Chart points={points} label={finding} /> : null}
        </div>
      )}
    </figure>
  );
}

/** What the lines say, in words. */
export function findingOf(points: readonly BurndownPoint[]): string {
  const last = points.findLast(({ open }) => open !== null);
  if (!last || last.open === null) return "Nothing to show yet";
  if (last.open === 0) return "Nothing is open any more";
  const behind = Math.round(last.open - last.ideal);
  const open = `${formatPlural(last.open, "item")} open`;
  if (behind > 0) return `${open}, ${behind} more than at an even pace`;
  return behind < 0 ? `${open}, ${-behind} fewer than at an even pace` : `${open}, as at an even pace`;
}
