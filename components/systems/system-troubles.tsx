import Link from "next/link";
import type { Route } from "next";
import { GrantStateMark } from "@/components/grants/grant-state";
import { NextTry } from "@/components/grants/next-try";
import { CodeBlock } from "@/components/ui/page/code-block";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatPlural } from "@/lib/platform/format";
import type { CheckView, UnprovenView } from "@/lib/systems/types";

/** What Curfew's account on the target lacks, each with the statement that an administrator of the target runs. */
export function AccountGaps({ gaps }: { gaps: CheckView["gaps"] }) {
  return (
    <Section
      title="What Curfew's account lacks"
      note="An administrator of the target runs these; Curfew cannot and should not."
    >
      <ListRows>
        {gaps.map((gap) => (
          <ListRow key={`${gap.what} ${gap.statement}`} head={gap.what}>
            <CodeBlock code={gap.statement} what="statement" />
          </ListRow>
        ))}
      </ListRows>
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
      <ListRows>
        {ends.map((end) => (
          <UnprovenRow key={end.id} end={end} />
        ))}
      </ListRows>
    </Section>
  );
}

function UnprovenRow({ end }: { end: UnprovenView }) {
  return (
    <ListRow
      head={
        <>
          <Link prefetch={false} href={`/requests/${end.requestId}` as Route}>
            {end.identity.name}
          </Link>
          <span>→ {end.entitlement}</span>
        </>
      }
      end={<GrantStateMark state={end.state} />}
      facts={
        <>
          {end.endingAt ? (
            <span>
              end asked for <RelativeTime at={end.endingAt} what="end asked for" />
            </span>
          ) : null}
          {end.attempts > 0 ? <span>{formatPlural(end.attempts, "try", "tries")}</span> : null}
          {end.nextAttemptAt ? (
            <span>
              <NextTry at={end.nextAttemptAt} />
            </span>
          ) : null}
        </>
      }
    />
  );
}
