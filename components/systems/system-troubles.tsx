import Link from "next/link";
import type { Route } from "next";
import { GrantStateMark } from "@/components/grants/grant-state";
import { CodeBlock } from "@/components/ui/page/code-block";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatPlural } from "@/lib/platform/format";
import type { CheckView, UnprovenView } from "@/lib/systems/types";
import styles from "./systems.module.css";

/** What Curfew's account on the target lacks, each with the statement that an administrator of the target runs. */
export function AccountGaps({ gaps }: { gaps: CheckView["gaps"] }) {
  return (
    <Section
      title="Curfew's account lacks something"
      note="An administrator of the target runs these; Curfew cannot and should not."
    >
      <ul className={styles.rows}>
        {gaps.map((gap) => (
          <li key={`${gap.what} ${gap.statement}`} className={styles.row}>
            <p>{gap.what}</p>
            <CodeBlock code={gap.statement} what="statement" />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Ends on this system that are not proven yet, with their age. */
export function UnprovenEnds({ ends }: { ends: readonly UnprovenView[] }) {
  return (
    <Section
      title={`${formatPlural(ends.length, "end")} not proven yet`}
      note="Asked for, and not yet shown to be dead. Until then each of them may still work."
    >
      <ul className={styles.rows}>
        {ends.map((end) => (
          <li key={end.id} className={styles.row}>
            <div className={styles.rowHead}>
              <Link prefetch={false} href={`/requests/${end.requestId}` as Route} className={styles.strong}>
                {end.identity.name}
              </Link>
              <span>{end.entitlement}</span>
              <span className={styles.rowEnd}>
                <GrantStateMark state={end.state} />
              </span>
            </div>
            <div className={styles.rowFacts}>
              {end.endingAt ? (
                <span>
                  asked for <RelativeTime at={end.endingAt} what="end asked for" />
                </span>
              ) : null}
              {end.attempts > 0 ? <span>{formatPlural(end.attempts, "try", "tries")}</span> : null}
              {end.nextAttemptAt ? (
                <span>
                  next try <RelativeTime at={end.nextAttemptAt} what="next try" />
                </span>
              ) : null}
            </div>
          </li>
        ))}
      </ul>
    </Section>
  );
}
