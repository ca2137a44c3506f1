import type { ReactNode } from "react";
import styles from "./queue.module.css";

/** The page's head, which makes room on narrow screens for what is open. */
export function QueueHead({ isChosen, children }: { isChosen: boolean; children: ReactNode }) {
  return (
    <div className={styles.head} data-chosen={isChosen || undefined}>
      {children}
    </div>
  );
}
