import { PlainTable } from "@/components/ui/page/plain-table";
import { ClockTime } from "@/components/ui/time/relative-time";
import { formatCount, formatPlural } from "@/lib/platform/format";
import { matchQualities, type UsedScope } from "@/lib/uses/types";
import styles from "./uses.module.css";
import { matchWords, objectsByText } from "./words";

/** What a session reached: each object with what was done to it, how often, and how sure it is that it was this session. */
export function UsedScopeTable({ scope, label }: { scope: UsedScope; label: string }) {
  const counts = matchQualities.filter((quality) => scope.byMatch[quality] > 0).map((quality) => `${formatCount(scope.byMatch[quality])} ${quality}`);
  return (
    <>
      <PlainTable label={label} head={["Object", "Action", "Uses", "First", "Last", "Match"]}>
        {scope.rows.map((row) => (
          <tr key={`${row.kind} ${row.object ?? ""} ${row.action}`}>
            <td className={styles.object}>
              {row.object ?? "not said"}
              {objectsByText(row) ? <div className={styles.quiet}>{objectsByText(row)}</div> : null}
            </td>
            <td>{row.action}</td>
            <td>
              {formatCount(row.count)}
              {row.refused > 0 ? <div className={styles.quiet}>{formatCount(row.refused)} refused or failed</div> : null}
            </td>
            <td><ClockTime at={row.first} what="first" /></td>
            <td><ClockTime at={row.last} what="last" /></td>
            <td><span title={matchWords[row.match]}>{row.match}</span></td>
          </tr>
        ))}
      </PlainTable>
      <p className={styles.quiet}>
        {formatPlural(scope.total, "use")} in logs, matched {counts.join(", ")}
        {scope.hasMore ? `; the first ${scope.rows.length} rows are shown` : ""}.
      </p>
    </>
  );
}
