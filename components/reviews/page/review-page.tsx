import type { Route } from "next";
import Link from "next/link";
import { Burndown } from "@/components/charts/burndown";
import { LiveRefresh } from "@/components/live/live-events";
import { ButtonLink } from "@/components/ui/form/button";
import { Banner } from "@/components/ui/feedback/banner";
import { KeyValue } from "@/components/ui/page/key-value";
import { PageHead } from "@/components/ui/page/page-head";
import { Columns, Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatCount, formatPlural } from "@/lib/platform/format";
import type { Sort } from "@/lib/platform/page";
import type { ReviewView } from "@/lib/reviews/views/types";
import { ReviewStateMark } from "../review-state";
import { KeepFresh } from "@/components/suspensions/keep-fresh";
import { decisionWords, missedWords, reviewerWords, triggerWords } from "../words";
import { Acknowledge } from "./acknowledge";
import { CancelReview } from "./cancel";
import { ItemTable } from "./item-table";
import { OwnPace, PaceTogether, People } from "./progress";

/** One review: how far it is, who has open items, what was decided, and what a second person says to it. */
export function ReviewPage({ review, sort }: { review: ReviewView; sort: Sort }) {
  return (
    <>
      <LiveRefresh about={{ review: review.id }} />
      {/* It may be ready before this page hears of anything. */}
      <KeepFresh pace={review.state === "preparing" ? "soon" : null} />
      <PageHead
        above={<Link href={"/reviews" as Route} prefetch={false}>Reviews</Link>}
        title={review.name}
        sentence={sentenceOf(review)}
        action={<Actions review={review} />}
      />
      <Preparing review={review} />
      <Acknowledge review={review} />
      <Columns aside={<Aside review={review} />}>
        {review.kind === "campaign" ? (
          <Section title="Progress">
            <Burndown points={review.burndown} />
          </Section>
        ) : null}
        <Section title={`Items (${formatCount(review.itemCount)})`}>
          <ItemTable reviewId={review.id} page={review.items} sort={sort} />
        </Section>
      </Columns>
    </>
  );
}

function sentenceOf({ state, openCount, itemCount, counts }: ReviewView): string {
  switch (state) {
    case "preparing":
      return "Its population is frozen; the facts of each identity are being gathered.";
    case "running":
      return `${formatCount(openCount)} of ${formatPlural(itemCount, "item")} open.`;
    case "decided":
      return `Nothing is open any more: ${formatCount(counts.decided)} decided, ${formatCount(counts.missed)} missed. A second person acknowledges the result.`;
    case "complete":
      return `${formatCount(counts.decided)} decided, ${formatCount(counts.missed)} missed, ${formatCount(counts.void)} left out.`;
    case "cancelled":
      return "It was cancelled. What was decided before stands.";
  }
}

function Actions({ review }: { review: ReviewView }) {
  const { mine, may } = review;
  const decide = mine.open + mine.standIn;
  return (
    <>
      {decide > 0 ? (
        <ButtonLink kind="primary" href={`/reviews/decide?review=${review.id}` as Route}>
          {mine.open > 0 ? `Decide ${formatPlural(mine.open, "item")}` : `Stand in for ${formatPlural(mine.standIn, "item")}`}
        </ButtonLink>
      ) : null}
      {may.cancel ? <CancelReview reviewId={review.id} name={review.name} open={review.openCount} /> : null}
    </>
  );
}

function Preparing({ review: { state, preparedCount, itemCount } }: { review: ReviewView }) {
  if (state !== "preparing") return null;
  return (
    <Banner live>
      Facts of {formatCount(preparedCount)} of {formatPlural(itemCount, "item")} are frozen. People are asked once all are.
    </Banner>
  );
}

function Aside({ review }: { review: ReviewView }) {
  return (
    <>
      <Section title="What it is">
        <KeyValue facts={factsOf(review)} />
      </Section>
      {review.byDecision.length > 0 ? (
        <Section title="Decided">
          <KeyValue facts={decidedFacts(review)} />
        </Section>
      ) : null}
      <People review={review} />
      <OwnPace pace={review.ownPace} />
      <PaceTogether review={review} />
    </>
  );
}

function factsOf(review: ReviewView) {
  const { trigger, reviewers, onMissed, scope } = review;
  return [
    { key: "state", label: "State", value: <ReviewStateMark {...review} /> },
    { key: "due", label: "Due", value: <RelativeTime at={review.dueAt} what="due" /> },
    { key: "started", label: "Started", value: <><RelativeTime at={review.startedAt} what={`review ${review.number}, started`} /> by {review.startedBy ?? "Curfew itself"}</> },
    ...(trigger ? [{ key: "trigger", label: "Because", value: triggerWords[trigger] }] : []),
    { key: "asked", label: "Asks", value: reviewers.map((role) => reviewerWords[role]).join(", ") },
    { key: "missed", label: "If missed", value: missedWords[onMissed] },
    ...(review.kind === "campaign"
      ? [{ key: "scope", label: "Scope", value: <Link href={`/identities${scope ? `?${scope}` : ""}` as Route} prefetch={false}>{scope ? "the filter, as it finds them today" : "every identity"}</Link> }]
      : []),
    ...(review.closedAt
      ? [{ key: "closed", label: review.state === "cancelled" ? "Cancelled" : "Closed", value: <><RelativeTime at={review.closedAt} what="closed" />{review.closedBy ? ` by ${review.closedBy}` : ""}{review.closeReason ? `: “${review.closeReason}”` : ""}</> }]
      : []),
  ];
}

function decidedFacts({ byDecision, follow, counts }: ReviewView) {
  return [
    ...byDecision.map(({ decision, count }) => ({ key: decision, label: decisionWords[decision].verb, value: formatCount(count) })),
    ...(follow.open + follow.overdue + follow.said + follow.done > 0
      ? [{ key: "follow", label: "Promised", value: `${follow.done} seen done, ${follow.said} said but not seen, ${follow.open} not seen yet, ${follow.overdue} overdue` }]
      : []),
    ...(counts.missed > 0 ? [{ key: "missed", label: "Missed", value: formatCount(counts.missed) }] : []),
    ...(counts.void > 0 ? [{ key: "void", label: "Left out", value: formatCount(counts.void) }] : []),
  ];
}
