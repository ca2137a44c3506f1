import Link from "next/link";
import type { ReactNode } from "react";
import { Brand } from "@/components/shell/mark";
import styles from "./public.module.css";

/** Pages for anybody, with or without an account. */
export default function PublicLayout({ children }: { children: ReactNode }) {
  return (
    <div className={styles.frame}>
      <header className={styles.head}>
        <Link href="/" prefetch={false} className={styles.brand}>
          <Brand />
        </Link>
      </header>
      <main className={styles.column}>{children}</main>
    </div>
  );
}
