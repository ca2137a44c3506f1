"use client";

import dynamic from "next/dynamic";
import { type ComponentProps, useRef } from "react";
import type { BarDrawing } from "./bar-drawing";
import styles from "./charts.module.css";
import { useSeen } from "./use-seen";

// The library weighs more than the page: it comes when the chart is seen.
const Drawing = dynamic(() => import("./bar-drawing").then((module) => module.BarDrawing), { ssr: false, loading: () => null });

/** A small chart of bars under a title that says what they come to. */
export function SmallBars({ title, ...drawing }: { title: string } & Omit<ComponentProps<typeof BarDrawing>, "label">) {
  const frame = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(frame);
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.smallTitle}>{title}</figcaption>
      <div ref={frame} className={styles.smallFrame}>
        {isSeen ? <Drawing label={title} {...drawing} /> : null}
      </div>
    </figure>
  );
}
