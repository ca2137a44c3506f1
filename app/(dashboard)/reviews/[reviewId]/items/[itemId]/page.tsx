import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { LiveRefresh } from "@/components/live/live-events";
import styles from "@/components/reviews/item/card.module.css";
import { ItemCard } from "@/components/reviews/item/item-card";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page } from "@/components/ui/page/page-head";
import { loadReviewItem } from "@/lib/reviews/loaders";

export const metadata: Metadata = { title: "Review of an identity" };

type Props = PageProps<"/reviews/[reviewId]/items/[itemId]">;

export default function ReviewItemRoute({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Item params={params} />
      </Suspense>
    </Page>
  );
}

async function Item({ params }: Pick<Props, "params">) {
  const loaded = await loadReviewItem((await params).itemId);
  if (!loaded.allowed) return <NoPermission what="Reviews" {...loaded} />;
  const item = loaded.value;
  return (
    <>
      <LiveRefresh about={{ review: item.review.id }} />
      <p className={styles.back}>
        <Link href={`/reviews/${item.review.id}` as Route} prefetch={false}>{item.review.name}</Link>
      </p>
      <ItemCard item={item} level={1} />
      {item.viewer.refusal === null && item.outcome === null ? (
        <p>
          <ButtonLink kind="primary" href={`/reviews/decide?review=${item.review.id}&open=${item.id}` as Route}>Decide about it</ButtonLink>
        </p>
      ) : null}
    </>
  );
}
