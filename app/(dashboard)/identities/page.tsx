import type { Metadata } from "next";
import { cookies } from "next/headers";
import { Suspense } from "react";
import { memoryCookie, readTableMemory } from "@/components/data-table/columns/table-memory";
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

const table = "identities";

async function Identities({ searchParams }: Pick<Props, "searchParams">) {
  const [loaded, views, jar] = await Promise.all([loadIdentities(await searchParams), loadViews("identities"), cookies()]);
  if (!loaded.allowed) return <NoPermission what="Identities" {...loaded} />;
  const { page, sort, names, may, personId } = loaded.value;
  const memory = readTableMemory(table, jar.get(memoryCookie(table))?.value);
  return (
    <>
      <PageHead
        title="Identities"
        sentence="Every service account, database role, job, bot and agent that a connected system knows, and who answers for it."
        action={may.register ? <ButtonLink href="/identities/new">Register an identity</ButtonLink> : null}
      />
      <ViewsBar views={views.allowed ? views.value : []} personId={personId} seesReach={may.seeReach} />
      <IdentityTable page={page} sort={sort} names={names} memory={memory} may={may} />
    </>
  );
}
