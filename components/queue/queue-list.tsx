"use client";

import type { Route } from "next";
import Link from "next/link";
import { type ReactNode, useEffect, useRef } from "react";
import styles from "./queue.module.css";
import type { Queue } from "./use-queue";

type QueueListProps<Row extends { readonly id: string }> = {
  rows: readonly Row[];
  /** Rows that do not wait any more; they stay in place until asked away. */
  gone?: ReadonlySet<string>;
  queue: Queue;
  draw: (row: Row) => ReactNode;
  /** What stands before a row and is no part of its link: a box to select it. */
  before?: (row: Row) => ReactNode;
};

/** The rows of a queue as real links; a plain click stays in the page. */
export function QueueList<Row extends { readonly id: string }>({ rows, gone, queue: { openId, hrefOf, go }, draw, before }: QueueListProps<Row>) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }, [openId]);
  return (
    <ol ref={list} className={styles.list}>
      {rows.map((row) => (
        <li key={row.id} className={before ? styles.selectable : undefined}>
          {before?.(row)}
          <Link
            href={hrefOf(row.id)}
            prefetch={false}
            scroll={false}
            className={styles.row}
            aria-current={row.id === openId}
            data-gone={gone?.has(row.id) || undefined}
            onClick={(event) => {
              if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
              event.preventDefault();
              go(row.id);
            }}
          >
            {draw(row)}
          </Link>
        </li>
      ))}
    </ol>
  );
}

type QueueRowProps = { name: string; mark: ReactNode; what?: ReactNode; how: ReactNode; until?: ReactNode };

/** One row: its name with a mark, what it is about, how it stands and until when. */
export function QueueRow({ name, mark, what, how, until }: QueueRowProps) {
  return (
    <>
      <span className={styles.rowHead}>
        <span className={styles.rowName}>{name}</span>
        {mark}
      </span>
      {what ? <span className={styles.rowWhat}>{what}</span> : null}
      <span className={styles.rowWhen}>
        <span>{how}</span>
        {until ? <span>{until}</span> : null}
      </span>
    </>
  );
}

type Way = { readonly href: Route; readonly text: string };

/** Ways to the other pages of a queue; nothing where there are none. */
export function QueuePages({ label, back, on }: { label: string; back: Way | null; on: Way | null }) {
  if (!back && !on) return null;
  return (
    <nav className={styles.pages} aria-label={label}>
      {back ? <Link href={back.href} prefetch={false}>{back.text}</Link> : <span />}
      {on ? <Link href={on.href} prefetch={false}>{on.text}</Link> : null}
    </nav>
  );
}
