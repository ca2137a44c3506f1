import { CodeBlock } from "@/components/ui/page/code-block";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import { formatUtcDay } from "@/lib/platform/format";
import type { ItemView, OutcomeView } from "@/lib/reviews/views/types";
import { decisionWords } from "../words";
import styles from "./card.module.css";
import { SayRotated } from "./say-rotated";

/** What was decided, by whom, and whether what was promised has been seen. */
export function Outcome({ item, outcome }: { item: ItemView; outcome: OutcomeView }) {
  const { decision, by, decidedAt, reason, until, follow, followDoneAt, batchSize, statements, said } = outcome;
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
          ) : follow === "said" ? (
            <StateWord tone="waiting">said, not seen</StateWord>
          ) : follow === "open" ? (
            <StateWord tone="waiting">not seen yet</StateWord>
          ) : null}
        </p>
      ) : null}
      {said ? <Said said={said} isSeen={follow === "done"} /> : null}
      {item.viewer.maySayRotated ? <SayRotated itemId={item.id} name={item.identity.name} /> : null}
      {statements.length > 0 ? (
        <div className={styles.statements}>
          <p>For whoever runs the target:</p>
          <CodeBlock code={statements.join("\n")} what="the statement" />
        </div>
      ) : null}
    </section>
  );
}

/** A person's word, which is not what Curfew saw. */
function Said({ said: { by, at, reason, where }, isSeen }: { said: NonNullable<OutcomeView["said"]>; isSeen: boolean }) {
  return (
    <>
      <p>
        Said by {by} to be rotated <RelativeTime at={at} what="said" />{isSeen ? "; seen by Curfew since." : ", not seen by Curfew."} To be checked at: {where}
      </p>
      <p className={styles.reason}>“{reason}”</p>
    </>
  );
}
