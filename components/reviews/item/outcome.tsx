import type { Route } from "next";
import Link from "next/link";
import { CodeBlock } from "@/components/ui/page/code-block";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import { formatUtcDay } from "@/lib/platform/format";
import type { ItemView, OutcomeView } from "@/lib/reviews/views/types";
import { decisionWords } from "../words";
import styles from "./card.module.css";

/** What was decided, by whom, and whether what was promised has been seen. */
export function Outcome({ item, outcome }: { item: ItemView; outcome: OutcomeView }) {
  const { decision, by, decidedAt, reason, until, follow, followDoneAt, batchSize, statements, suspensionId } = outcome;
  return (
    <section className={styles.outcome} aria-label="Decision">
      <p>
        <strong>{by.name}</strong> decided to <strong>{decisionWords[decision].done}</strong> it <RelativeTime at={decidedAt} what="decided" />
        {batchSize > 1 ? `, together with ${batchSize - 1} more` : ""}
        {item.missedAt !== null && item.missedAt < decidedAt ? ", after the due date" : ""}.
      </p>
      <p className={styles.reason}>“{reason}”</p>
      {until ? (
        <p>
          {decision === "keep" ? "Holds until" : "Promised by"} <time dateTime={until}>{formatUtcDay(until)}</time>.{" "}
          {follow === "done" ? (
            <StateWord tone="proven">seen done{followDoneAt ? <> <RelativeTime at={followDoneAt} what="seen" /></> : null}</StateWord>
          ) : follow === "overdue" ? (
            <StateBadge tone="caution">overdue</StateBadge>
          ) : follow === "open" ? (
            <StateWord tone="waiting">not seen yet</StateWord>
          ) : null}
        </p>
      ) : null}
      {suspensionId ? (
        <p>
          <Link href={`/identities/${item.identity.id}` as Route} prefetch={false}>How it stands on the target</Link> is on the page of {item.identity.name}.
        </p>
      ) : null}
      {statements.length > 0 ? (
        <div className={styles.statements}>
          <p>For whoever runs the target:</p>
          <CodeBlock code={statements.join("\n")} what="the statement" />
        </div>
      ) : null}
    </section>
  );
}
