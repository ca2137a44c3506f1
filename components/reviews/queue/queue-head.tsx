import type { Route } from "next";
import Link from "next/link";
import { LiveRefresh } from "@/components/live/live-events";
import { QueueHead } from "@/components/queue/queue-head";
import { PageHead } from "@/components/ui/page/page-head";
import type { QueueView } from "@/lib/reviews/views/types";

/** The page's head, which makes room on narrow screens for the item that is open. */
export function ReviewQueueHead({ view: { review, isChosen } }: { view: QueueView }) {
  return (
    <QueueHead isChosen={isChosen}>
      <LiveRefresh kinds={["review."]} />
      <PageHead
        above={<Link href={"/reviews" as Route} prefetch={false}>Reviews</Link>}
        title={review ? review.name : "Decide"}
        sentence="One decision for each identity. Decisions are staged, can be corrected, and count once you submit them all."
      />
    </QueueHead>
  );
}
