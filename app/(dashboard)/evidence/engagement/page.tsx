import type { Metadata } from "next";
import { Suspense } from "react";
import { LookTable } from "@/components/auditors/look-table";
import { OwnEngagement } from "@/components/auditors/own-engagement";
import { EvidencePlaces } from "@/components/evidence/places";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import { loadOwnEngagement } from "@/lib/auditors/loaders";

export const metadata: Metadata = { title: "Your engagement" };

type Props = PageProps<"/evidence/engagement">;

export default function EngagementPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Content searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Content({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadOwnEngagement(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Engagements of auditors" {...loaded} />;
  const { engagement, page, sort } = loaded.value;
  return (
    <>
      <PageHead title="Your engagement" sentence="What you see as an auditor, until when, and what is left out. What you open and take is on record, and administrators see it." />
      <EvidencePlaces here="/evidence/engagement" isBounded />
      <Section title="What it shows">
        <OwnEngagement engagement={engagement} />
      </Section>
      <Section title="What you looked at" note="As administrators see it. Nobody can change or remove an entry; the same look within a minute is one.">
        <LookTable page={page} sort={sort} isOwn />
      </Section>
    </>
  );
}
