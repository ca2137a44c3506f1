import type { ReactNode } from "react";
import styles from "./auth.module.css";

/** The pages before the door: one column, nothing to navigate. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className={styles.frame}>
      <div className={styles.column}>
        <p className={styles.name}>
          <svg width="24" height="24" viewBox="0 0 24 24" fill="none" aria-hidden>
            <path d="M17.6 5.4A9 9 0 1 0 21 12" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />
          </svg>
          curfew
        </p>
        {children}
      </div>
    </main>
  );
}
