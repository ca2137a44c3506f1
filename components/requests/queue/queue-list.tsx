"use client";

import type { Route } from "next";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { ApprovalRow } from "@/lib/requests/views/types";
import styles from "./queue.module.css";

type QueueListProps = {
  rows: readonly ApprovalRow[];
  /** Rows that do not wait any more; they stay in place until asked away. */
  gone: ReadonlySet<string>;
  /** Of these, what the viewer decided. */
  mine: readonly string[];
  openId: string | null;
  hrefOf: (id: string) => Route;
  onGo: (id: string) => void;
  next: string | null;
  previous: string | null;
};

/** One line of what and one of how long, per request; the riskiest first. */
export function QueueList({ rows, gone, mine, openId, hrefOf, onGo, next, previous }: QueueListProps) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [openId]);
  return (
    <>
      <ol ref={list} className={styles.list}>
        {rows.map((row) => (
          <li key={row.id}>
            <Link
              href={hrefOf(row.id)}
              prefetch={false}
              scroll={false}
              className={styles.row}
              aria-current={row.id === openId}
              data-gone={gone.has(row.id) || undefined}
              onClick={(event) => {
                if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
                event.preventDefault();
                onGo(row.id);
              }}
            >
              <Row row={row} isGone={gone.has(row.id)} isMine={mine.includes(row.id)} />
            </Link>
          </li>
        ))}
      </ol>
      {next || previous ? (
        <nav className={styles.pages} aria-label="Pages of requests">
          {previous ? <Link href={`/approvals?before=${previous}` as Route} prefetch={false}>Riskier</Link> : <span />}
          {next ? <Link href={`/approvals?after=${next}` as Route} prefetch={false}>More</Link> : null}
        </nav>
      ) : null}
    </>
  );
}

function Row({ row, isGone, isMine }: { row: ApprovalRow; isGone: boolean; isMine: boolean }) {
  return (
    <>
      <span className={styles.rowHead}>
        <span className={styles.rowName}>{row.identity.name}</span>
        <SensitivityMark level={row.sensitivity} />
      </span>
      <span className={styles.rowWhat}>
        {row.entitlement} for <Duration seconds={row.durationSeconds} />
      </span>
      <span className={styles.rowWhen}>
        <span>{isMine ? "decided by you" : isGone ? "decided meanwhile" : <>{row.asker}, <RelativeTime at={row.submittedAt} what="asked" /></>}</span>
        {isGone ? null : <span>lapses <RelativeTime at={row.decideBefore} what="lapses" /></span>}
      </span>
    </>
  );
}
