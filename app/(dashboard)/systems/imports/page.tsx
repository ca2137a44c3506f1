import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ImportTable } from "@/components/imports/import-table";
import { QuietRefresh } from "@/components/shell/quiet-refresh";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadImports } from "@/lib/imports/loaders";

export const metadata: Metadata = { title: "Imports" };

type Props = PageProps<"/systems/imports">;

export default function ImportsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Imports searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Imports({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadImports(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Imports of files" {...loaded} />;
  const { page, sort, mayImport } = loaded.value;
  return (
    <>
      <PageHead
        above={<Link href="/systems" prefetch={false}>Systems</Link>}
        title="Imports"
        sentence="Files that say what a system holds: who sent them, what they changed, what was not taken. The files themselves are never kept."
        action={mayImport ? <ButtonLink kind="primary" href="/systems/imports/new">Import a file</ButtonLink> : null}
      />
      <QuietRefresh kinds={["import."]}>
        <ImportTable page={page} sort={sort} mayImport={mayImport} />
      </QuietRefresh>
    </>
  );
}
