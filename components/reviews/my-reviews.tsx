import type { Route } from "next";
import Link from "next/link";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { ButtonLink } from "@/components/ui/form/button";
import type { MyReview } from "@/lib/reviews/views/types";
import { formatPlural } from "@/lib/platform/format";
import { triggerWords } from "./words";

/** What waits for this person, the most urgent first. */
export function MyReviews({ reviews }: { reviews: readonly MyReview[] }) {
  if (reviews.length === 0) return null;
  const open = reviews.reduce((sum, review) => sum + review.open, 0);
  return (
    <Section
      title="Waits for you"
      note={`${formatPlural(open, "item")} to decide. Decisions are staged first and count once you submit them.`}
      action={<ButtonLink kind="primary" href={"/reviews/decide" as Route}>{`Decide ${formatPlural(open, "item")}`}</ButtonLink>}
    >
      <ListRows label="Reviews that wait for you">
        {reviews.map((review) => (
          <ListRow
            key={review.id}
            head={
              <Link href={`/reviews/decide?review=${review.id}` as Route} prefetch={false}>
                {review.name}
              </Link>
            }
            end={
              review.isLate ? (
                <StateBadge tone="caution">overdue</StateBadge>
              ) : (
                <span>
                  due <RelativeTime at={review.dueAt} what="due" />
                </span>
              )
            }
            facts={
              <>
                <span>{formatPlural(review.open, "item")} open</span>
                {review.staged > 0 ? <span>{review.staged} staged, not submitted</span> : null}
                {review.trigger ? <span>Asked because {triggerWords[review.trigger]}</span> : null}
              </>
            }
          />
        ))}
      </ListRows>
    </Section>
  );
}
