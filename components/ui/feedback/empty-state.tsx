import type { ReactNode } from "react";
import styles from "./feedback.module.css";

type EmptyStateProps = {
  /** What this place holds: "No requests wait for you". */
  title: ReactNode;
  /** Why it is empty. */
  why: ReactNode;
  /** The one next step. */
  next?: ReactNode;
  /** Quiet, for a part of a page. */
  small?: boolean;
};

/** What this is, why it is empty, the one next step. */
export function EmptyState({ title, why, next, small = false }: EmptyStateProps) {
  return (
    <div className={styles.state} data-small={small || undefined}>
      <div className={styles.stateTitle}>{title}</div>
      <p className={styles.stateText}>{why}</p>
      {next ? <div className={styles.stateNext}>{next}</div> : null}
    </div>
  );
}
