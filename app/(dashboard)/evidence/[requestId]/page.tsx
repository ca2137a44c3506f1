import type { Metadata } from "next";
import { Suspense } from "react";
import { ChainPage } from "@/components/evidence/chain/chain-page";
import { chainTitle } from "@/components/evidence/chain/summary";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadChain } from "@/lib/evidence/loaders";

type Props = PageProps<"/evidence/[requestId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadChain((await params).requestId);
  return { title: loaded.allowed ? chainTitle(loaded.value) : "Evidence" };
}

export default function EvidenceChainPage({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Chain params={params} />
      </Suspense>
    </Page>
  );
}

async function Chain({ params }: Pick<Props, "params">) {
  const loaded = await loadChain((await params).requestId);
  if (!loaded.allowed) return <NoPermission what="Chains of evidence" {...loaded} />;
  return <ChainPage chain={loaded.value} />;
}
