"use client";

import type { Route } from "next";
import Link from "next/link";
import { startTransition, useActionState, useRef } from "react";
import { QuietRefresh } from "@/components/shell/quiet-refresh";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Act, type Refusals } from "@/components/ui/form/act";
import { useKeys } from "@/components/ui/keys/use-keys";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateWord } from "@/components/ui/truth/state-badge";
import { readAllAction, readItemAction } from "@/lib/notifications/actions";
import type { InboxRow } from "@/lib/notifications/types";
import { idle } from "@/lib/platform/action-state";
import type { Page } from "@/lib/platform/page";
import styles from "./inbox.module.css";
import { groupNames } from "./words";

type InboxProps = { page: Page<InboxRow>; unreadOnly: boolean; /** When the page was read: what came later stays unread. */ readAt: string };

const refusals: Refusals = {};

/** What somebody was told, the newest first; opening an entry marks it as read and leads to the page that asks. */
export function Inbox({ page, unreadOnly, readAt }: InboxProps) {
  const list = useRef<HTMLUListElement>(null);
  useRowFocus(list);
  const hasUnread = page.rows.some(({ isRead }) => !isRead);
  const only = unreadOnly ? "show=unread&" : "";
  return (
    <>
      <div className={styles.tools}>
        <nav aria-label="Which notices" className={styles.tabs}>
          <Link prefetch={false} href={"/inbox" as Route} aria-current={unreadOnly ? undefined : "page"}>All</Link>
          <Link prefetch={false} href={"/inbox?show=unread" as Route} aria-current={unreadOnly ? "page" : undefined}>Unread</Link>
        </nav>
        {hasUnread ? (
          <Act action={readAllAction} fields={{ until: readAt }} pendingText="Marking…" refusals={refusals}>
            Mark all as read
          </Act>
        ) : null}
      </div>
      <QuietRefresh kinds={["inbox.changed"]}>
        {page.rows.length === 0 ? (
          <EmptyState
            title={unreadOnly ? "Nothing unread" : "Nothing yet"}
            why={unreadOnly ? "You have seen everything that you were told." : "You are told here when you are asked to decide, and what becomes of what you asked for."}
          />
        ) : (
          <ul ref={list} className={styles.rows} aria-label="Notices">
            {page.rows.map((row) => (
              <Row key={row.id} row={row} />
            ))}
          </ul>
        )}
      </QuietRefresh>
      <nav aria-label="Pages" className={styles.pages}>
        {page.previous ? <Link prefetch={false} href={`/inbox?${only}before=${encodeURIComponent(page.previous)}` as Route}>Newer</Link> : null}
        {page.next ? <Link prefetch={false} href={`/inbox?${only}after=${encodeURIComponent(page.next)}` as Route}>Older</Link> : null}
      </nav>
    </>
  );
}

function Row({ row }: { row: InboxRow }) {
  const { id, title, detail, action, until, link, group, isUrgent, isRead, isSettled, createdAt } = row;
  const [, read] = useActionState(readItemAction, idle);
  const mark = () => {
    if (isRead) return;
    const form = new FormData();
    form.set("itemId", id);
    startTransition(() => read(form));
  };
  return (
    <li className={styles.row} data-unread={!isRead || undefined} data-urgent={isUrgent || undefined}>
      <div className={styles.text}>
        <Link prefetch={false} href={link as Route} className={styles.title} data-notice onClick={mark}>
          {isRead ? null : <span className="visually-hidden">Unread: </span>}
          {title}
        </Link>
        {detail ? <p className={styles.detail}>{detail}</p> : null}
        <p className={styles.facts}>
          <span>{groupNames[group]}</span>
          <RelativeTime at={createdAt} what="told" />
          {until && !isSettled ? <span>{until.label} <RelativeTime at={until.at} what={until.label} /></span> : null}
          {isSettled ? <StateWord tone="neutral">done, or not asked any more</StateWord> : <span className={styles.does}>{action}</span>}
        </p>
      </div>
      {isRead ? null : (
        <Act action={readItemAction} fields={{ itemId: id }} kind="quiet" pendingText="Marking…" label={`Mark as read: ${title}`} refusals={refusals}>
          Mark as read
        </Act>
      )}
    </li>
  );
}

/** `j` and `k` move the focus from notice to notice; `enter` opens by itself, since the focus is on a link. */
function useRowFocus(list: React.RefObject<HTMLUListElement | null>): void {
  function move(step: 1 | -1) {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("[data-notice]") ?? [])];
    const current = links.findIndex((link) => link.closest("li")?.contains(document.activeElement));
    const next = links[current === -1 ? (step === 1 ? 0 : links.length - 1) : current + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
  useKeys({ j: () => move(1), k: () => move(-1) });
}
