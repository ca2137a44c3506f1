import type { Metadata } from "next";
import { Suspense } from "react";
import { ControlList } from "@/components/evidence/controls/control-list";
import { ControlSearch } from "@/components/evidence/controls/control-search";
import { EngagementNote } from "@/components/evidence/engagement-note";
import { EvidencePlaces } from "@/components/evidence/places";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadControls } from "@/lib/controls/loaders";

export const metadata: Metadata = { title: "Controls" };

type Props = PageProps<"/evidence/controls">;

export default function ControlsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Controls searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Controls({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadControls(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Controls" {...loaded} />;
  const { q, catalogues, bound } = loaded.value;
  return (
    <>
      <PageHead title="Controls" sentence="What Curfew shows for each control of the catalogues that auditors use, and what is open against it. Whether a control is met is for the auditor to say." />
      <EvidencePlaces here="/evidence/controls" isBounded={bound !== undefined} />
      {bound ? <EngagementNote bound={bound} /> : null}
      <ControlSearch q={q} />
      <ControlList catalogues={catalogues} q={q} />
    </>
  );
}
