import type { ReactNode } from "react";
import styles from "./list-row.module.css";

/** A quiet list inside a section: lines between rows, no boxes. */
export function ListRows({ children, label }: { children: ReactNode; label?: string }) {
  return (
    <ul className={styles.rows} aria-label={label}>
      {children}
    </ul>
  );
}

type ListRowProps = {
  /** What it is: a name or a link, and what stands beside it. */
  head: ReactNode;
  /** At the end of the line: a state, a mark, a time. */
  end?: ReactNode;
  /** A second line of small facts; each child is one. */
  facts?: ReactNode;
  /** Below: a statement, a list that opens. */
  children?: ReactNode;
};

/** One row: what it is, how it stands, and small facts below. */
export function ListRow({ head, end, facts, children }: ListRowProps) {
  return (
    <li className={styles.row}>
      <div className={styles.head}>{head}</div>
      {end ? <div className={styles.end}>{end}</div> : null}
      {facts ? <div className={styles.facts}>{facts}</div> : null}
      {children ? <div className={styles.below}>{children}</div> : null}
    </li>
  );
}
