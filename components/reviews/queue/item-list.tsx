"use client";

import type { Route } from "next";
import { QueueList, QueuePages, QueueRow } from "@/components/queue/queue-list";
import type { Queue } from "@/components/queue/use-queue";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import type { QueueRow as ItemRow, QueueView } from "@/lib/reviews/views/types";
import { decisionWords, levelOf } from "../words";

type ItemListProps = { page: QueueView["page"]; queue: Queue; reviewId: string | null };

/** One line of what and one of how it stands, per item. */
export function ItemList({ page: { rows, next, previous }, queue, reviewId }: ItemListProps) {
  const of = reviewId ? `review=${reviewId}&` : "";
  return (
    <>
      <QueueList rows={rows} queue={queue} draw={(row) => <Row row={row} isAlone={reviewId !== null} />} />
      <QueuePages
        label="Pages of items"
        back={previous ? { href: `/reviews/decide?${of}before=${previous}` as Route, text: "Before" } : null}
        on={next ? { href: `/reviews/decide?${of}after=${next}` as Route, text: "More" } : null}
      />
    </>
  );
}

function standing({ staged, recommends }: ItemRow) {
  if (staged) return <strong>staged: {decisionWords[staged].done}</strong>;
  return recommends ? `recommended: ${decisionWords[recommends].done}` : "being prepared";
}

function Row({ row, isAlone }: { row: ItemRow; isAlone: boolean }) {
  const level = levelOf(row.risk);
  return (
    <QueueRow
      name={row.identity.name}
      mark={level ? <SensitivityMark level={level} /> : null}
      what={isAlone ? null : row.reviewName}
      how={<>{standing(row)}{row.isAsked ? null : ", as backup"}</>}
      until={row.state === "missed" ? "missed" : <>due <RelativeTime at={row.dueAt} what="due" /></>}
    />
  );
}
