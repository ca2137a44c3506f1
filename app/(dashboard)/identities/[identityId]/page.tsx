import type { Metadata } from "next";
import { Suspense } from "react";
import { IdentityView } from "@/components/identities/identity-view";
import { ReviewHistory } from "@/components/reviews/review-history";
import { SuspensionPanel } from "@/components/suspensions/suspension-panel";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadIdentity, loadIdentityName } from "@/lib/identities/loaders";
import { loadReviewsOf } from "@/lib/reviews/loaders";
import { loadSuspensions } from "@/lib/suspensions/loaders";

type Props = PageProps<"/identities/[identityId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadIdentityName((await params).identityId);
  return { title: loaded.allowed ? loaded.value : "Identities" };
}

export default function IdentityPage({ params, searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Identity params={params} searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Identity({ params, searchParams }: Props) {
  const { identityId } = await params;
  const [loaded, suspensions, reviews] = await Promise.all([loadIdentity(identityId, await searchParams), loadSuspensions(identityId), loadReviewsOf(identityId)]);
  if (!loaded.allowed) return <NoPermission what="Identities" {...loaded} />;
  const panel = suspensions.allowed ? suspensions.value : null;
  return <IdentityView identity={loaded.value} suspension={<>{panel ? <SuspensionPanel panel={panel} /> : null}{reviews ? <ReviewHistory reviews={reviews} /> : null}</>} />;
}
