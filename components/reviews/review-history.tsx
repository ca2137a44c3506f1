import type { Route } from "next";
import Link from "next/link";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { StateBadge } from "@/components/ui/truth/state-badge";
import type { IdentityReviews } from "@/lib/reviews/views/types";
import { decisionWords } from "./words";

/** When an identity was last decided about and what was decided; and whether it is being asked about now. */
export function ReviewHistory({ reviews: { last, open, isFrozen } }: { reviews: IdentityReviews }) {
  if (last.length === 0 && !open) return <Section title="Reviews"><p>Nobody decided about it in a review yet.</p></Section>;
  return (
    <Section title="Reviews">
    <ListRows label="Reviews">
      {open ? (
        <ListRow
          head={<Link href={`/reviews/${open.reviewId}/items/${open.itemId}` as Route} prefetch={false}>{open.reviewName}</Link>}
          end={isFrozen ? <StateBadge tone="caution">new grants frozen</StateBadge> : <span>open, due <RelativeTime at={open.dueAt} what="due" /></span>}
          facts={isFrozen ? <span>Nobody decided in time. New grants wait until somebody does.</span> : null}
        />
      ) : null}
      {last.map((mark) => (
        <ListRow
          key={mark.itemId}
          head={<Link href={`/reviews/${mark.reviewId}/items/${mark.itemId}` as Route} prefetch={false}>{decisionWords[mark.decision].done}</Link>}
          end={<RelativeTime at={mark.decidedAt} what="decided" />}
          facts={
            <>
              <span>by {mark.by}, in {mark.reviewName}</span>
              {mark.until ? <span>until <ClockTime at={mark.until} what="until" /></span> : null}
            </>
          }
        />
      ))}
    </ListRows>
    </Section>
  );
}
