import type { Metadata } from "next";
import { Suspense } from "react";
import { IdentityTable } from "@/components/identities/identity-table";
import { ViewsBar } from "@/components/identities/list/views-bar";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ButtonLink } from "@/components/ui/form/button";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadIdentities } from "@/lib/identities/loaders";
import { loadViews } from "@/lib/views/loaders";

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
  const [loaded, views] = await Promise.all([loadIdentities(await searchParams), loadViews("identities")]);
  if (!loaded.allowed) return <NoPermission what="Identities" {...loaded} />;
  const { page, sort, names, may, personId } = loaded.value;
  return (
    <>
      <PageHead
        title="Identities"
        sentence="Every service account, database role, job, bot and agent that a connected system knows, and who answers for it."
        action={may.register ? <ButtonLink href="/identities/new">Register an identity</ButtonLink> : null}
      />
      <ViewsBar views={views.allowed ? views.value : []} personId={personId} seesReach={may.seeReach} />
      <IdentityTable page={page} sort={sort} names={names} may={may} />
    </>
  );
}
