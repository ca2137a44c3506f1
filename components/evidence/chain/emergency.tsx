import type { Route } from "next";
import Link from "next/link";
import { Banner } from "@/components/ui/feedback/banner";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { EmergencyView } from "@/lib/evidence/views/chain-types";
import styles from "./chain.module.css";

/** That access was taken without asking first, on what ground, and whether its use was reviewed since: red until it was. */
export function Emergency({ emergency: { id, number, isListed, flags, debt }, isBounded }: { emergency: EmergencyView; isBounded: boolean }) {
  const isOwed = debt !== null && debt.closedAt === null;
  return (
    <div className={styles.emergency}>
      <Banner tone={isOwed ? "trouble" : "note"} action={isBounded ? null : <Link prefetch={false} href={`/break-glass/${id}` as Route}>Open break-glass {number}</Link>}>
        <strong>Break-glass {number}</strong>, allowed by {isListed ? "the list for the worst day" : "policy"}. <Standing debt={debt} />
        {flags.length > 0 ? (
          <ul className={styles.flags} aria-label="What made it louder">
            {flags.map((flag) => (
              <li key={flag}>{flag}</li>
            ))}
          </ul>
        ) : null}
      </Banner>
    </div>
  );
}

function Standing({ debt }: Pick<EmergencyView, "debt">) {
  if (!debt) return <>It gave nothing, so nothing is owed.</>;
  if (debt.closedAt !== null) {
    return (
      <>
        {debt.closedBy ?? "Somebody"} reviewed its use <RelativeTime at={debt.closedAt} what="closed" />: {debt.verdict?.toLowerCase() ?? "no verdict recorded"}.
      </>
    );
  }
  return (
    <>
      Its use is not reviewed{debt.size > 1 ? `, and the debt weighs ${debt.size}` : ""}: {debt.isOverdue ? "overdue since " : "due "}
      <RelativeTime at={debt.dueAt} what="due" bare={debt.isOverdue} />.
    </>
  );
}
