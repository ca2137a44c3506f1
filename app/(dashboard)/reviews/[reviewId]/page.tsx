import type { Metadata } from "next";
import { Suspense } from "react";
import { ReviewPage } from "@/components/reviews/page/review-page";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadReview } from "@/lib/reviews/loaders";

export const metadata: Metadata = { title: "Review" };

type Props = PageProps<"/reviews/[reviewId]">;

export default function ReviewRoute(props: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Review {...props} />
      </Suspense>
    </Page>
  );
}

async function Review({ params, searchParams }: Props) {
  const loaded = await loadReview((await params).reviewId, await searchParams);
  if (!loaded.allowed) return <NoPermission what="Reviews" {...loaded} />;
  const { review, sort } = loaded.value;
  return <ReviewPage review={review} sort={sort} />;
}
