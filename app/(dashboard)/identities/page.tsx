import type { Metadata } from "next";
import { Suspense } from "react";
import { IdentityTable } from "@/components/identities/identity-table";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadIdentities } from "@/lib/identities/loaders";

export const metadata: Metadata = { title: "Identities" };

type Props = PageProps<"/identities">;

export default function IdentitiesPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Identities searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Identities({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadIdentities(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Identities" {...loaded} />;
  const { page, sort, facets } = loaded.value;
  return (
    <>
      <PageHead
        title="Identities"
        sentence="Every service account, database role, job, bot and agent that a connected system knows, and who answers for it."
      />
      <IdentityTable page={page} sort={sort} facets={facets} />
    </>
  );
}
