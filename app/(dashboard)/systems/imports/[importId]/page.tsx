import type { Metadata } from "next";
import { Suspense } from "react";
import { ImportView } from "@/components/imports/import-view";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadImport } from "@/lib/imports/loaders";

export const metadata: Metadata = { title: "Import" };

type Props = PageProps<"/systems/imports/[importId]">;

export default function ImportPage({ params, searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Import params={params} searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Import({ params, searchParams }: Props) {
  const loaded = await loadImport((await params).importId, await searchParams);
  if (!loaded.allowed) return <NoPermission what="Imports of files" {...loaded} />;
  return <ImportView {...loaded.value} />;
}
