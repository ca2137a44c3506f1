import Link from "next/link";
import type { Route } from "next";
import { GrantStateMark } from "@/components/grants/grant-state";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { PastGrantView } from "@/lib/identities/types";
import { formatPlural, formatSeconds } from "@/lib/platform/format";
import styles from "./identities.module.css";

type GrantHistoryProps = { grants: readonly PastGrantView[]; isPartial: boolean };

/** Its newest grants, each with how it ended. */
export function GrantHistory({ grants, isPartial }: GrantHistoryProps) {
  return (
    <Section
      title="Grants"
      note={isPartial ? "Those that you asked for. Others are open to those who answer for it." : "The newest 25."}
    >
      {grants.length === 0 ? (
        <EmptyState
          small
          title="None so far"
          why={isPartial ? "You have not asked for access for this identity." : "Nobody has been granted access for this identity."}
        />
      ) : (
        <ul className={styles.rows}>
          {grants.map((grant) => (
            <GrantRow key={grant.id} grant={grant} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function GrantRow({ grant }: { grant: PastGrantView }) {
  return (
    <li className={styles.row}>
      <div className={styles.rowHead}>
        <Link prefetch={false} href={`/requests/${grant.requestId}` as Route} className={styles.entitlement}>
          {grant.entitlement}
        </Link>
        <span className={styles.dim}>
          on {grant.system} for {formatSeconds(grant.durationSeconds)}
        </span>
        <span className={styles.rowEnd}>
          <GrantStateMark state={grant.state} />
        </span>
      </div>
      <div className={styles.rowFacts}>
        <span>
          <RelativeTime at={grant.activatedAt ?? grant.createdAt} what={grant.activatedAt ? "activated" : "approved"} />
          {grant.requester ? ` by ${grant.requester}` : ""}
        </span>
        {grant.activatedAt ? <span>{grant.useCount > 0 ? `${formatPlural(grant.useCount, "use")} seen` : "no use seen"}</span> : null}
        {grant.endReason ? <span>ended: {grant.endReason.replaceAll("-", " ")}</span> : null}
        <span>request {grant.requestNumber}</span>
      </div>
    </li>
  );
}
