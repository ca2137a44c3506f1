"use client";

import { useState } from "react";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { useFetched } from "@/components/ui/form/use-fetched";
import { reachUses, type ReachView } from "@/lib/identities/views/detail-types";
import { formatCount } from "@/lib/platform/format";
import { useWords } from "./layout";
import { ReachGraph } from "./reach-graph";
import { ReachTable } from "./reach-table";
import styles from "./reach.module.css";

/** Reads the reach and shows it as a graph or as a table: the same data in both. */
export function ReachPanel({ identityId, maySeeSystems }: { identityId: string; maySeeSystems: boolean }) {
  const [attempt, setAttempt] = useState(0);
  const [shown, setShown] = useState<"graph" | "table">("graph");
  const [wanted, setWanted] = useState<string | null>(null);
  const { value, failed } = useFetched<ReachView>(`/api/identities/${identityId}/reach`, { restMs: 0, attempt });
  if (failed) {
    return (
      <Banner tone="trouble" live action={<Button size="small" onClick={() => setAttempt(attempt + 1)}>Try again</Button>}>
        The reach could not be read. Nothing was changed.
      </Banner>
    );
  }
  if (!value) return <div className={styles.waiting} role="status" aria-label="Reading the reach" />;
  if (value.nodes.length === 0) return <EmptyState small title="It reaches nothing" why="It holds no entitlement that Curfew knows of, and used none earlier." />;
  const showRow = (id: string) => {
    setWanted(id);
    setShown("table");
  };
  return (
    <>
      <div className={styles.tools}>
        <div role="group" aria-label="Show as" className={styles.switch}>
          {(["graph", "table"] as const).map((way) => (
            <Button key={way} size="small" aria-pressed={shown === way} onClick={() => setShown(way)}>
              {way === "graph" ? "Graph" : "Table"}
            </Button>
          ))}
        </div>
        {shown === "graph" ? <Legend /> : null}
      </div>
      {value.total > value.nodes.length ? (
        <p className={styles.more}>
          The {formatCount(value.nodes.length)} most sensitive of {formatCount(value.total)}. What it holds, above, has all of them.
        </p>
      ) : null}
      {shown === "graph" ? <ReachGraph reach={value} maySeeSystems={maySeeSystems} onRow={showRow} /> : <ReachTable reach={value} wanted={wanted} />}
    </>
  );
}

function Legend() {
  return (
    <ul className={styles.legend} aria-label="Lines">
      {reachUses.map((use) => (
        <li key={use}>
          <svg width="28" height="8" aria-hidden>
            <path d="M0 4 H28" className={styles.line} data-use={use} />
          </svg>
          {useWords[use]}
        </li>
      ))}
    </ul>
  );
}
