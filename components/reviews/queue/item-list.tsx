"use client";

import type { Route } from "next";
import Link from "next/link";
import { useEffect, useRef } from "react";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { QueueRow } from "@/lib/reviews/views/types";
import { decisionWords, levelOf } from "../words";
import styles from "./queue.module.css";

type ItemListProps = {
  rows: readonly QueueRow[];
  openId: string | null;
  hrefOf: (id: string) => Route;
  onGo: (id: string) => void;
  next: string | null;
  previous: string | null;
  reviewId: string | null;
};

/** One line of what and one of how it stands, per item. */
export function ItemList({ rows, openId, hrefOf, onGo, next, previous, reviewId }: ItemListProps) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [openId]);
  const of = reviewId ? `review=${reviewId}&` : "";
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
              data-staged={row.staged !== null || undefined}
              onClick={(event) => {
                if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
                event.preventDefault();
                onGo(row.id);
              }}
            >
              <Row row={row} isAlone={reviewId !== null} />
            </Link>
          </li>
        ))}
      </ol>
      {next || previous ? (
        <nav className={styles.pages} aria-label="Pages of items">
          {previous ? <Link href={`/reviews/decide?${of}before=${previous}` as Route} prefetch={false}>Before</Link> : <span />}
          {next ? <Link href={`/reviews/decide?${of}after=${next}` as Route} prefetch={false}>More</Link> : null}
        </nav>
      ) : null}
    </>
  );
}

function Row({ row, isAlone }: { row: QueueRow; isAlone: boolean }) {
  const level = levelOf(row.risk);
  return (
    <>
      <span className={styles.rowHead}>
        <span className={styles.rowName}>{row.identity.name}</span>
        {level ? <SensitivityMark level={level} /> : null}
      </span>
      {isAlone ? null : <span className={styles.rowWhat}>{row.reviewName}</span>}
      <span className={styles.rowWhen}>
        <span>
          {row.staged ? <strong>staged: {decisionWords[row.staged].done}</strong> : row.recommends ? `recommended: ${decisionWords[row.recommends].done}` : "being prepared"}
          {row.isAsked ? null : ", as stand-in"}
        </span>
        <span>
          {row.state === "missed" ? "missed" : <>due <RelativeTime at={row.dueAt} what="due" /></>}
        </span>
      </span>
    </>
  );
}
