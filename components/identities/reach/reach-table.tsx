"use client";

import { useEffect, useRef } from "react";
import { PlainTable } from "@/components/ui/page/plain-table";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import type { ReachView } from "@/lib/identities/views/detail-types";
import { useWords } from "./layout";
import styles from "./reach.module.css";

/** The same as the graph, line by line. The row that was asked for takes the focus. */
export function ReachTable({ reach, wanted }: { reach: ReachView; wanted: string | null }) {
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => row.current?.focus(), [wanted]);
  return (
    <div className={styles.scroll}>
      <PlainTable label={`Everything that ${reach.identity} reaches`} head={["Entitlement", "System", "Sensitivity", "Held", "Use"]}>
        {reach.nodes.map((node) => (
          <tr key={node.id} ref={node.id === wanted ? row : undefined} tabIndex={node.id === wanted ? -1 : undefined} className={styles.row}>
            <td>{node.entitlement}</td>
            <td>{node.system}</td>
            <td>
              <SensitivityMark level={node.sensitivity} />
            </td>
            <td>{node.use === "gone" ? "no more" : node.kind === "granted" ? "granted" : node.hasException ? "standing, by exception" : "standing"}</td>
            <td>
              {useWords[node.use]}
              {node.lastUsedAt ? (
                <>
                  , <RelativeTime at={node.lastUsedAt} what="last used" />
                </>
              ) : null}
            </td>
          </tr>
        ))}
      </PlainTable>
    </div>
  );
}
