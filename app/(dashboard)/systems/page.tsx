import type { Metadata } from "next";
import { Suspense } from "react";
import { SystemTable } from "@/components/systems/system-table";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadSystems } from "@/lib/systems/loaders";

export const metadata: Metadata = { title: "Systems" };

type Props = PageProps<"/systems">;

export default function SystemsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Systems searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Systems({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadSystems(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Connected systems" {...loaded} />;
  return (
    <>
      <PageHead
        title="Systems"
        sentence="The targets where Curfew issues and ends credentials, whether they answer, and what they cannot do."
        action={
          <>
            <ButtonLink href="/systems/imports">Imports</ButtonLink>
            {loaded.value.mayConnect ? <ButtonLink href="/systems/imports/new">Import a file</ButtonLink> : null}
            {loaded.value.mayConnect ? <ButtonLink kind="primary" href="/systems/new">Connect a system</ButtonLink> : null}
          </>
        }
      />
      <SystemTable page={loaded.value.page} sort={loaded.value.sort} />
    </>
  );
}
