import type { Metadata } from "next";
import { Suspense } from "react";
import { OwedEmergencies } from "@/components/break-glass/emergencies";
import { Overview } from "@/components/overview/overview";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadOwed } from "@/lib/break-glass/loaders";
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
  const owed = await loadOwed();
  const emergencies = owed.allowed ? owed.value : [];
  return <Overview view={loaded.value} urgent={<OwedEmergencies owed={emergencies} />} urgentCount={emergencies.length} />;
}
