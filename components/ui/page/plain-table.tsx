import type { ReactNode } from "react";
import styles from "./plain-table.module.css";

type PlainTableProps = {
  /** What the table holds, for those who hear it. */
  label: string;
  head: readonly string[];
  children: ReactNode;
};

/** A short table inside a section. Scrolls sideways inside its frame where it is too wide, and by keyboard. */
export function PlainTable({ label, head, children }: PlainTableProps) {
  return (
    <div className={styles.frame} role="region" aria-label={`${label}: table`} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            {head.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
