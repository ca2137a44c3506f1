import { type ReactNode, useId } from "react";
import styles from "./page.module.css";

type SectionProps = {
  /** Where links on the page and in messages lead. */
  id?: string;
  title: ReactNode;
  /** A quiet line under the title. */
  note?: ReactNode;
  /** To the right of the title: a link or a small button. */
  action?: ReactNode;
  children: ReactNode;
};

/** A part of a page under a line: never a card inside a card. */
export function Section({ id, title, note, action, children }: SectionProps) {
  const titleId = useId();
  return (
    <section id={id} aria-labelledby={titleId} className={styles.section}>
      <header className={styles.sectionHead}>
        <div>
          <h2 id={titleId} className={styles.sectionTitle}>
            {title}
          </h2>
          {note ? <p className={styles.sectionNote}>{note}</p> : null}
        </div>
        {action}
      </header>
      {children}
    </section>
  );
}

/** Two columns from 1100 px on: what it is about on the left, what is around it on the right. */
export function Columns({ children, aside }: { children: ReactNode; aside: ReactNode }) {
  return (
    <div className={styles.columns}>
      <div className={styles.column}>{children}</div>
      <div className={styles.column}>{aside}</div>
    </div>
  );
}
