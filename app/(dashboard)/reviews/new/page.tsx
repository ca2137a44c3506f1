import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { CampaignForm } from "@/components/reviews/new/campaign-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadCampaignDraft } from "@/lib/reviews/loaders";

export const metadata: Metadata = { title: "Start a campaign" };

type Props = PageProps<"/reviews/new">;

export default function NewCampaignPage({ searchParams }: Props) {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <NewCampaign searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function NewCampaign({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadCampaignDraft(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Campaigns" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link href={"/reviews" as Route} prefetch={false}>Reviews</Link>}
        title="Start a campaign"
        sentence="Everybody who answers for an identity in it is asked once whether it is still needed. You see whom before it starts."
      />
      <CampaignForm {...loaded.value} />
    </>
  );
}
