import type { Metadata } from "next";
import { Suspense } from "react";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { SourcePage } from "@/components/uses/source-page";
import { loadSource } from "@/lib/uses/loaders";

type Props = PageProps<"/evidence/sources/[sourceId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadSource((await params).sourceId);
  return { title: loaded.allowed ? loaded.value.source.name : "Sources" };
}

export default function OneSourcePage({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Source params={params} />
      </Suspense>
    </Page>
  );
}

async function Source({ params }: Pick<Props, "params">) {
  const loaded = await loadSource((await params).sourceId);
  if (!loaded.allowed) return <NoPermission what="Sources of uses" {...loaded} />;
  return <SourcePage {...loaded.value} />;
}
