"use client";

import type { Route } from "next";
import { useState } from "react";
import { QueueFrame } from "@/components/queue/queue-frame";
import { useQueue } from "@/components/queue/use-queue";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import type { QueueRow, QueueView } from "@/lib/reviews/views/types";
import { ItemCard } from "../item/item-card";
import { BatchBar } from "./batch-bar";
import { ItemList } from "./item-list";
import styles from "./bars.module.css";
import { StagedBar } from "./staged-bar";

/** What I have to decide, and the item that I look at. Rows stay where they are until I submit. */
export function ReviewQueue({ view }: { view: QueueView }) {
  const { page, open, isChosen } = view;
  const queue = useQueue({ rows: page.rows, shownId: open?.id ?? null, isChosen });
  // Typed into until now, the page's focus follows to what is decided next.
  const [follow, setFollow] = useState<string | null>(null);
  const onStaged = (itemId: string) => {
    const next = nextUnstaged(page.rows, itemId);
    setFollow(next ?? "bar");
    if (next) queue.go(next);
  };
  return (
    <div className={styles.room}>
      {page.rows.length === 0 && !isChosen ? (
        <QueueEmpty />
      ) : (
        <QueueFrame
          label="Items that wait for you"
          back="Back to the items"
          missing="This item is not there, or you are not asked about it."
          queue={queue}
          isChosen={isChosen}
          list={
            <>
              <BatchBar batch={view.batch} />
              <ItemList page={page} queue={queue} reviewId={view.review?.id ?? null} />
            </>
          }
        >
          {open ? <ItemCard key={open.id} item={open} level={2} onStaged={onStaged} takesFocus={follow === open.id} /> : null}
        </QueueFrame>
      )}
      <StagedBar staged={view.staged} reviewId={view.review?.id ?? null} takesFocus={follow === "bar"} />
    </div>
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
