import { RelativeTime } from "@/components/ui/time/relative-time";
import type { PrivilegeView } from "@/lib/entitlements/schema";
import { objectName, summaryOf } from "./privilege-words";
import styles from "./privileges.module.css";

type PrivilegeListProps = {
  /** Null when it was never read from the target. */
  privileges: readonly PrivilegeView[] | null;
  readAt: string | null;
  /** Starts opened. */
  isOpen?: boolean;
};

/** What an entitlement really allows, as read from the target: one line, and every object behind it. */
export function PrivilegeList({ privileges, readAt, isOpen = false }: PrivilegeListProps) {
  if (privileges === null) return <p className={styles.unknown}>Not read from the target yet.</p>;
  if (privileges.length === 0) return <p className={styles.unknown}>The target gives it nothing right now.</p>;
  const hasDatabases = new Set(privileges.map(({ database }) => database)).size > 1;
  return (
    <details className={styles.details} open={isOpen}>
      <summary className={styles.summary}>{summaryOf(privileges)}</summary>
      <ul className={styles.list}>
        {privileges.map((privilege) => (
          <li key={`${privilege.database}.${privilege.schema ?? ""}.${privilege.object}.${privilege.objectKind}`} className={styles.line}>
            <code className={styles.object}>{objectName(privilege, hasDatabases)}</code>
            <span className={styles.kind}>{privilege.objectKind}</span>
            <span className={styles.actions}>
              {privilege.actions.join(", ")}
              {privilege.columns ? ` on ${privilege.columns.join(", ")} only` : ""}
            </span>
          </li>
        ))}
      </ul>
      {readAt ? (
        <p className={styles.read}>
          Read from the target <RelativeTime at={readAt} what="read" />
        </p>
      ) : null}
    </details>
  );
}
