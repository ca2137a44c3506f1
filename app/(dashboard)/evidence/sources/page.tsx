import type { Metadata, Route } from "next";
import { Suspense } from "react";
import { EvidencePlaces } from "@/components/evidence/places";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { SourceTable } from "@/components/uses/source-table";
import { loadSources } from "@/lib/uses/loaders";

export const metadata: Metadata = { title: "Sources" };

type Props = PageProps<"/evidence/sources">;

export default function SourcesPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Sources searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Sources({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadSources(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Sources of uses" {...loaded} />;
  const { page, sort, mayManage } = loaded.value;
  return (
    <>
      <PageHead
        title="Sources"
        sentence="Where Curfew learns what sessions reached, and up to when each source has reported everything. Only a log can say that something was not used."
        action={mayManage ? <ButtonLink kind="primary" href={"/evidence/sources/new" as Route}>Add a source</ButtonLink> : null}
      />
      <EvidencePlaces here="/evidence/sources" />
      <SourceTable page={page} sort={sort} mayManage={mayManage} />
    </>
  );
}
