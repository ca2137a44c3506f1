import card from "@/components/queue/card.module.css";
import type { ReactNode } from "react";

/** Of the heading above: the page's own, or that of a card on a page. */
export type Level = 1 | 2;

/** One of the columns of facts, under a heading one level below the request's. */
export function Column({ title, level, children }: { title: string; level: Level; children: ReactNode }) {
  const Heading = level === 1 ? "h2" : "h3";
  return (
    <section className={card.column} aria-label={title}>
      <Heading className={card.columnTitle}>{title}</Heading>
      {children}
    </section>
  );
}
