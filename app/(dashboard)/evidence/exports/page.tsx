import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ExportTable } from "@/components/evidence/exports/export-table";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadExports } from "@/lib/evidence/loaders";

export const metadata: Metadata = { title: "Exports of evidence" };

type Props = PageProps<"/evidence/exports">;

export default function ExportsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Exports searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Exports({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadExports(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Exports of evidence" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link href={"/evidence" as Route} prefetch={false}>Evidence</Link>}
        title="Exports"
        sentence="Who took evidence out, of which moment, and the hash by which a file is known again. The files themselves are not kept."
      />
      <ExportTable page={loaded.value.page} sort={loaded.value.sort} />
    </>
  );
}
