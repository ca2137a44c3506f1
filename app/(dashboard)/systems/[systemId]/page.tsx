import type { Metadata } from "next";
import { Suspense } from "react";
import { SystemView } from "@/components/systems/system-view";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadSystem } from "@/lib/systems/loaders";

type Props = PageProps<"/systems/[systemId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadSystem((await params).systemId);
  return { title: loaded.allowed ? loaded.value.name : "Systems" };
}

export default function SystemPage({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <System params={params} />
      </Suspense>
    </Page>
  );
}

async function System({ params }: Pick<Props, "params">) {
  const loaded = await loadSystem((await params).systemId);
  if (!loaded.allowed) return <NoPermission what="Connected systems" {...loaded} />;
  return <SystemView system={loaded.value} />;
}
