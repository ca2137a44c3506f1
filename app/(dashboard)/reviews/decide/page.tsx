import type { Metadata } from "next";
import { Suspense } from "react";
import { ReviewQueueHead } from "@/components/reviews/queue/queue-head";
import { ReviewQueue } from "@/components/reviews/queue/review-queue";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadReviewQueue } from "@/lib/reviews/loaders";

export const metadata: Metadata = { title: "Decide reviews" };

type Props = PageProps<"/reviews/decide">;

export default function DecidePage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Queue searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Queue({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadReviewQueue(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Decisions of reviews" {...loaded} />;
  const view = loaded.value;
  return (
    <>
      <ReviewQueueHead view={view} />
      <ReviewQueue key={view.pageKey} view={view} />
    </>
  );
}
