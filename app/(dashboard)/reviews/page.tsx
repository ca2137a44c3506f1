import type { Metadata, Route } from "next";
import { Suspense } from "react";
import { MyReviews } from "@/components/reviews/my-reviews";
import { ReviewTable } from "@/components/reviews/review-table";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import { loadReviews } from "@/lib/reviews/loaders";

export const metadata: Metadata = { title: "Reviews" };

type Props = PageProps<"/reviews">;

export default function ReviewsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Reviews searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Reviews({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadReviews(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Reviews" {...loaded} />;
  const { page, mine, sort, mayRun, seesAll, pageKey } = loaded.value;
  const start = mayRun ? <ButtonLink kind={mine.length > 0 ? "default" : "primary"} href={"/reviews/new" as Route}>Start a campaign</ButtonLink> : null;
  return (
    <>
      <PageHead title="Reviews" sentence="Who still needs which identity: owners answer for each with one decision, and Curfew carries it out safely." action={start} />
      <MyReviews reviews={mine} />
      <Section title={seesAll ? "All reviews" : "Reviews that concern you"}>
        <ReviewTable key={pageKey} page={page} sort={sort} empty={<Empty mayRun={mayRun} />} />
      </Section>
    </>
  );
}

function Empty({ mayRun }: { mayRun: boolean }) {
  return (
    <EmptyState
      title="No reviews yet"
      why={
        mayRun
          ? "A campaign asks the people who answer for identities whether each is still needed. Curfew also asks by itself when an owner left, when an identity can do more, or when one wakes after long silence."
          : "You are asked here when an identity that you answer for needs a decision: in a campaign, or because something about it changed."
      }
      next={mayRun ? <ButtonLink href={"/reviews/new" as Route}>Start a campaign</ButtonLink> : undefined}
    />
  );
}
