import type { Metadata } from "next";
import { Suspense } from "react";
import { FindingTable } from "@/components/findings/finding-table";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadFindings } from "@/lib/findings/loaders";

export const metadata: Metadata = { title: "Findings" };

type Props = PageProps<"/findings">;

export default function FindingsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Findings searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Findings({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadFindings(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Findings" {...loaded} />;
  const { page, sort, seesAll } = loaded.value;
  return (
    <>
      <PageHead
        title="Findings"
        sentence={seesAll ? "Gaps that Curfew found by itself, each with what it is evidence for. One closes when the gap is gone; of what lies in the past somebody says that they looked. The filter shows those, too." : "Gaps at the identities that you answer for. One closes by itself when the gap is gone; of what lies in the past somebody says that they looked."}
      />
      <FindingTable page={page} sort={sort} />
    </>
  );
}
