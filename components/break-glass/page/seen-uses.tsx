import { PlainTable } from "@/components/ui/page/plain-table";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { GlassView } from "@/lib/break-glass/views/types";
import { formatPlural } from "@/lib/platform/format";
import styles from "../break-glass.module.css";

/** The observed use of a broken glass, with honest words about what nobody could see. */
export function SeenUses({ glass }: { glass: GlassView }) {
  const uses = glass.grants.reduce((sum, { useCount }) => sum + useCount, 0);
  const counted = glass.grants.flatMap(({ statements }) => (statements === null ? [] : [statements]));
  const looked = glass.grants.flatMap(({ observedAt }) => observedAt ?? []).sort().at(-1);
  return (
    <>
      <p className={styles.quiet}>
        {looked === undefined ? "Nobody has looked at its use yet. " : <>Seen: {formatPlural(uses, "connection")}{counted.length > 0 ? `, ${formatPlural(counted.reduce((sum, count) => sum + count, 0), "statement")}` : ""}, looked at last <RelativeTime at={looked} what="looked" />. </>}
        Curfew looks every few seconds: a connection shorter than that can be missed. It sees that statements ran, not what they said: the server’s own log has that.
      </p>
      {glass.uses.length > 0 ? (
        <PlainTable label="Connections" head={["From", "Began", "Last active", "Ended"]}>
          {glass.uses.map((use) => (
            <tr key={`${use.startedAt} ${use.clientAddress ?? ""}`}>
              <td>{use.clientAddress ?? "not shown"}</td>
              <td><RelativeTime at={use.startedAt} what="began" /></td>
              <td><RelativeTime at={use.lastSeenAt} what="last active" /></td>
              <td>{use.endedAt ? <RelativeTime at={use.endedAt} what="ended" /> : "not seen to end"}</td>
            </tr>
          ))}
        </PlainTable>
      ) : null}
    </>
  );
}
