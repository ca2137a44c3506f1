import type { ReactNode } from "react";
import { Brand } from "@/components/shell/mark";
import styles from "./auth.module.css";

/** The pages before the door: one column, nothing to navigate. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className={styles.frame}>
      <div className={styles.column}>
        <p className={styles.name}>
          <Brand />
        </p>
        {children}
      </div>
    </main>
  );
}
