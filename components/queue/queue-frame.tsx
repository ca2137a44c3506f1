"use client";

import type { ReactNode } from "react";
import styles from "./queue.module.css";
import type { Queue } from "./use-queue";

type QueueFrameProps = {
  /** What the list is called: "Requests that wait for you". */
  label: string;
  /** The way back where only one of both has room: "Back to the queue". */
  back: string;
  queue: Queue;
  isChosen: boolean;
  /** The list and what stands above it. */
  list: ReactNode;
  /** What is open; null says `missing`. */
  children: ReactNode;
  /** Said where the address names something that is not there. */
  missing: string;
};

/** A list on the left and what is open beside it; on narrow screens one of both. */
export function QueueFrame({ label, back, queue: { hrefOf, go }, isChosen, list, children, missing }: QueueFrameProps) {
  return (
    <div className={styles.queue} data-chosen={isChosen || undefined}>
      <section className={styles.side} aria-label={label}>
        {list}
      </section>
      <div className={styles.open}>
        {isChosen ? (
          <p className={styles.back}>
            <a href={hrefOf(null)} onClick={(event) => { event.preventDefault(); go(null); }}>
              {back}
            </a>
          </p>
        ) : null}
        {children ?? <p className={styles.gone}>{isChosen ? missing : "Nothing is open."}</p>}
      </div>
    </div>
  );
}
