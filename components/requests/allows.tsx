import { IconPlus } from "@tabler/icons-react";
import { objectName } from "@/components/entitlements/privilege-words";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatPlural } from "@/lib/platform/format";
import type { AllowsView } from "@/lib/requests/views/types";
import styles from "./requests.module.css";
import { groupPrivileges } from "./words";

/** What an entitlement really allows on the target: what it changes and reads by name, every privilege behind that. */
export function Allows({ allows }: { allows: AllowsView }) {
  if (allows === null) return <p className={styles.quiet}>Not read from the target yet, so nobody can say what it really allows.</p>;
  if (allows.privileges.length === 0) return <p className={styles.quiet}>The target gives it nothing right now.</p>;
  return (
    <>
      <ul className={styles.allows}>
        {groupPrivileges(allows.privileges).map(({ actions, kind, objects, more }) => (
          <li key={`${kind}.${actions}`}>
            <IconPlus size={14} aria-hidden className={styles.plus} />
            <span>
              <strong>{actions}</strong> on {objects.join(", ")}
              {more > 0 ? ` and ${more} more` : ""}
              {kind === "table" ? null : <span className={styles.quiet}> ({kind})</span>}
            </span>
          </li>
        ))}
      </ul>
      <EveryPrivilege allows={allows} />
    </>
  );
}

function EveryPrivilege({ allows }: { allows: NonNullable<AllowsView> }) {
  const { privileges, more, readAt } = allows;
  const hasDatabases = new Set(privileges.map(({ database }) => database)).size > 1;
  return (
    <details className={styles.every}>
      <summary>
        {formatPlural(privileges.length + more, "privilege")}
        {readAt ? <>, read from the target <RelativeTime at={readAt} what="read" /></> : null}
      </summary>
      <table className={styles.privileges}>
        <thead>
          <tr>
            <th scope="col">object</th>
            <th scope="col">allows</th>
          </tr>
        </thead>
        <tbody>
          {privileges.map((privilege) => (
            <tr key={`${privilege.objectKind}.${objectName(privilege, true)}.${privilege.actions.join()}`}>
              <th scope="row">
                <code>{objectName(privilege, hasDatabases)}</code> <span className={styles.quiet}>{privilege.objectKind}</span>
              </th>
              <td>
                {privilege.actions.join(", ")}
                {privilege.columns ? ` on ${privilege.columns.join(", ")} only` : ""}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {more > 0 ? <p className={styles.quiet}>and {more} more on the target</p> : null}
    </details>
  );
}
