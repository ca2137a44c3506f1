import type { ReactNode } from "react";
import styles from "./page.module.css";

type PageHeadProps = {
  title: ReactNode;
  /** One plain sentence that says what this page answers. */
  sentence: ReactNode;
  /** At most one primary action. */
  action?: ReactNode;
  /** Above the title: where this page hangs, for example a link back to the list. */
  above?: ReactNode;
};

/** Title, one sentence, at most one primary action. The title is the page's only `h1`. */
export function PageHead({ title, sentence, action, above }: PageHeadProps) {
  return (
    <header className={styles.head}>
      <div className={styles.headText}>
        {above ? <div className={styles.above}>{above}</div> : null}
        <h1 className={styles.title} tabIndex={-1}>
          {title}
        </h1>
        <p className={styles.sentence}>{sentence}</p>
      </div>
      {action ? <div className={styles.action}>{action}</div> : null}
    </header>
  );
}

/** The page's content up to 1440 px; forms up to 640 px. */
export function Page({ children, width = "full" }: { children: ReactNode; width?: "full" | "form" }) {
  return (
    <div className={styles.page} data-width={width}>
      {children}
    </div>
  );
}
