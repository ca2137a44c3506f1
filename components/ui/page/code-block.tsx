import { CopyButton } from "@/components/ui/names/copy-button";
import styles from "./page.module.css";

/** A statement or command to read and to copy; long lines wrap, so that nothing is hidden. */
export function CodeBlock({ code, what }: { code: string; what: string }) {
  return (
    <div className={styles.code}>
      <pre className={styles.pre}>
        <code>{code}</code>
      </pre>
      <CopyButton value={code} label={`Copy ${what}`} />
    </div>
  );
}
