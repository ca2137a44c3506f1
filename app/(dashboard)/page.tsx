import type { Metadata } from "next";
import { Suspense } from "react";
import { Overview } from "@/components/overview/overview";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadOverview } from "@/lib/overview/loaders";

export const metadata: Metadata = { title: "Overview" };

export default function OverviewPage() {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Content />
      </Suspense>
    </Page>
  );
}

async function Content() {
  const loaded = await loadOverview();
  if (!loaded.allowed) return <NoPermission what="Overviews" {...loaded} />;
  return <Overview view={loaded.value} />;
}
