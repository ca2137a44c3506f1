"use client";

import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useOptimistic, useRef, useState, useTransition } from "react";
import { listHref } from "@/components/data-table/table-url";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import { useKeys } from "@/components/ui/keys/use-keys";
import type { QueueRow, QueueView } from "@/lib/reviews/views/types";
import { ItemCard } from "../item/item-card";
import { BatchBar } from "./batch-bar";
import { ItemList } from "./item-list";
import styles from "./queue.module.css";
import { StagedBar } from "./staged-bar";

/** What I have to decide, and the item that I look at. Rows stay where they are until I submit. */
export function ReviewQueue({ view }: { view: QueueView }) {
  const { page, open, isChosen } = view;
  const { openId, hrefOf, go } = useOpen(open?.id ?? null, isChosen);
  const place = useRef(0);
  useEffect(() => {
    const index = page.rows.findIndex(({ id }) => id === openId);
    if (index >= 0) place.current = index;
  }, [page.rows, openId]);
  // Typed into until now, the page's focus follows to what is decided next.
  const [follow, setFollow] = useState<string | null>(null);
  const move = (step: 1 | -1) => {
    const index = page.rows.findIndex(({ id }) => id === openId);
    const next = page.rows[(index < 0 ? place.current - (step > 0 ? 1 : 0) : index) + step];
    if (next) go(next.id);
  };
  const onStaged = (itemId: string) => {
    const next = nextUnstaged(page.rows, itemId);
    setFollow(next ?? "bar");
    if (next) go(next);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return (
    <>
      {page.rows.length === 0 && !isChosen ? (
        <QueueEmpty />
      ) : (
        <div className={styles.queue} data-chosen={isChosen || undefined}>
          <section className={styles.side} aria-label="Items that wait for you">
            <BatchBar batch={view.batch} />
            <ItemList rows={page.rows} openId={openId} hrefOf={hrefOf} onGo={go} next={page.next} previous={page.previous} reviewId={view.review?.id ?? null} />
          </section>
          <div className={styles.open}>
            {isChosen ? (
              <p className={styles.back}>
                <a href={hrefOf(null)} onClick={(event) => { event.preventDefault(); go(null); }}>
                  Back to the items
                </a>
              </p>
            ) : null}
            {open ? (
              <ItemCard key={open.id} item={open} level={2} onStaged={onStaged} takesFocus={follow === open.id} />
            ) : (
              <p className={styles.gone}>{isChosen ? "This item is not there, or you are not asked about it." : "Nothing is open."}</p>
            )}
          </div>
        </div>
      )}
      <StagedBar staged={view.staged} reviewId={view.review?.id ?? null} takesFocus={follow === "bar"} />
    </>
  );
}

function QueueEmpty() {
  return (
    <EmptyState
      title="Nothing waits for your decision"
      why="Items come here when a campaign asks you, or when something changed about an identity that you answer for."
      next={<ButtonLink href={"/reviews" as Route}>See your reviews</ButtonLink>}
    />
  );
}

/** The next row that has no decision yet: below, else from the top. */
function nextUnstaged(rows: readonly QueueRow[], itemId: string): string | null {
  const index = rows.findIndex(({ id }) => id === itemId);
  const order = [...rows.slice(index + 1), ...rows.slice(0, Math.max(index, 0))];
  return order.find(({ id, staged }) => staged === null && id !== itemId)?.id ?? null;
}

/** Which item is open, in the URL. */
function useOpen(shownId: string | null, isChosen: boolean) {
  const router = useRouter();
  const pathname = usePathname();
  const current = useSearchParams().toString();
  const [, startTransition] = useTransition();
  const [openId, setOpenId] = useOptimistic(shownId);
  const keep = { after: new URLSearchParams(current).get("after"), before: new URLSearchParams(current).get("before") };
  const hrefOf = (id: string | null) => listHref(pathname, current, { ...keep, open: id }) as Route;
  const go = (id: string | null) =>
    startTransition(() => {
      setOpenId(id);
      router.push(hrefOf(id), { scroll: false });
    });
  useEffect(() => {
    // What is staged stays on screen, so the address has to name it once there is room for both.
    if (isChosen || shownId === null || !window.matchMedia("(min-width: 1000px)").matches) return;
    const address = new URLSearchParams(window.location.search);
    address.set("open", shownId);
    window.history.replaceState(null, "", `?${address.toString()}`);
  }, [isChosen, shownId]);
  return { openId, hrefOf, go };
}
