import type { Metadata } from "next";
import { Suspense } from "react";
import { EvidenceTable } from "@/components/evidence/list/evidence-table";
import { ExportLink } from "@/components/evidence/list/export-link";
import { FilterBar } from "@/components/evidence/list/filter-bar";
import { OverTime } from "@/components/evidence/over-time/over-time";
import { EngagementNote } from "@/components/evidence/engagement-note";
import { EvidencePlaces } from "@/components/evidence/places";
import { KeepQuestion } from "@/components/evidence/questions/keep-question";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadEvidence } from "@/lib/evidence/loaders";

export const metadata: Metadata = { title: "Evidence" };

type Props = PageProps<"/evidence">;

export default function EvidencePage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Evidence searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Evidence({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadEvidence(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Chains of evidence" {...loaded} />;
  const { page, sort, filter, chosen, problems, mayExport, mayKeep, bound } = loaded.value;
  return (
    <>
      <PageHead
        title="Evidence"
        sentence="Every ask and what became of it: asked, decided, issued, first and last use, ended, proven dead. Denied, lapsed and refused ones too."
        action={mayExport && problems.length === 0 ? <ExportLink filter={filter} total={page.total} asOf={page.asOf} /> : null}
      />
      <EvidencePlaces here="/evidence" isBounded={bound !== undefined} />
      {bound ? <EngagementNote bound={bound} /> : null}
      <FilterBar filter={filter} chosen={chosen} problems={problems} />
      {mayKeep && problems.length === 0 && Object.keys(filter).length > 0 ? <KeepQuestion filter={filter} mayExport={mayExport} /> : null}
      {bound ? null : <OverTime filter={filter} />}
      <EvidenceTable page={page} sort={sort} isFiltered={Object.keys(filter).length > 0} />
    </>
  );
}
