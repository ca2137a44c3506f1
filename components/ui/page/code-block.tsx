import { CopyButton } from "@/components/ui/names/copy-button";
import styles from "./page.module.css";

/** A statement or command to read and to copy; scrolls by itself and can be reached by keyboard. */
export function CodeBlock({ code, what }: { code: string; what: string }) {
  return (
    <div className={styles.code}>
      <pre tabIndex={0} role="region" aria-label={what} className={styles.pre}>
        <code>{code}</code>
      </pre>
      <CopyButton value={code} label={`Copy ${what}`} />
    </div>
  );
}
