import type { Route } from "next";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import type { ReviewPart } from "@/lib/overview/types";
import { formatPlural } from "@/lib/platform/format";
import { Part, PartRow } from "./part";

/** Rows of this part; the page behind it has the rest. */
const few = 6;

/** Reviews in which items wait for this person, the most urgent first. */
export function OpenReviews({ reviews }: { reviews: readonly ReviewPart[] }) {
  return (
    <Part title="To review" total={{ count: reviews.length, capped: false }} note="Is it still needed? One decision for each identity." href={"/reviews" as Route} hrefText="All reviews">
      {reviews.slice(0, few).map((review) => (
        <PartRow
          key={review.id}
          isTrouble={review.isLate}
          href={`/reviews/decide?review=${review.id}` as Route}
          name={review.name}
          text={`${formatPlural(review.open, "item")} open`}
          end={
            review.isLate ? (
              <StateBadge tone="caution">overdue</StateBadge>
            ) : (
              <span>
                due <RelativeTime at={review.dueAt} what="due" />
              </span>
            )
          }
        />
      ))}
    </Part>
  );
}
