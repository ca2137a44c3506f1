import type { Metadata } from "next";
import { Suspense } from "react";
import { Catalogue } from "@/components/entitlements/catalogue/catalogue";
import { DiscoveryRuns } from "@/components/systems/discovery/discovery-runs";
import { SystemView } from "@/components/systems/system-view";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadCatalogue } from "@/lib/entitlements/loaders";
import { loadDiscoveryRuns, loadSystem } from "@/lib/systems/loaders";

type Props = PageProps<"/systems/[systemId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadSystem((await params).systemId);
  return { title: loaded.allowed ? loaded.value.name : "Systems" };
}

export default function SystemPage({ params, searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <System params={params} searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function System({ params, searchParams }: Props) {
  const { systemId } = await params;
  const [loaded, catalogue, runs] = await Promise.all([loadSystem(systemId), loadCatalogue(systemId, await searchParams), loadDiscoveryRuns(systemId)]);
  if (!loaded.allowed) return <NoPermission what="Connected systems" {...loaded} />;
  return (
    <SystemView system={loaded.value}>
      {runs.allowed && runs.value && !loaded.value.isFromFiles ? <DiscoveryRuns view={runs.value} /> : null}
      {catalogue.allowed ? <Catalogue systemId={systemId} {...catalogue.value} /> : null}
    </SystemView>
  );
}
