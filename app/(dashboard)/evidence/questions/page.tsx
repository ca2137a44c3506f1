import type { Metadata } from "next";
import { Suspense } from "react";
import { EngagementNote } from "@/components/evidence/engagement-note";
import { EvidencePlaces } from "@/components/evidence/places";
import { KeptQuestions } from "@/components/evidence/questions/kept";
import { ShippedQuestions } from "@/components/evidence/questions/shipped";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import { loadQuestions } from "@/lib/questions/loaders";

export const metadata: Metadata = { title: "Questions to the evidence" };

export default function QuestionsPage() {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Questions />
      </Suspense>
    </Page>
  );
}

async function Questions() {
  const loaded = await loadQuestions();
  if (!loaded.allowed) return <NoPermission what="Questions to the evidence" {...loaded} />;
  const { shipped, kept, mayKeep, mayExport, bound } = loaded.value;
  return (
    <>
      <PageHead title="Questions" sentence="What auditors ask of just-in-time access, answered now. Each answer is a filtered list: a link that can be shared, and an export that holds the same rows." />
      <EvidencePlaces here="/evidence/questions" isBounded={bound !== undefined} />
      {bound ? <EngagementNote bound={bound} /> : null}
      {mayKeep ? (
        <Section title="Kept questions">
          <KeptQuestions questions={kept} mayExport={mayExport} />
        </Section>
      ) : null}
      <Section title="Does anything speak against it?" note="Tests that hope for no row. No row says that Curfew found none, not that there is none.">
        <ShippedQuestions label="Tests that hope for no row" questions={shipped.filter(({ isTest }) => isTest)} />
      </Section>
      <Section title="What happened?">
        <ShippedQuestions label="Questions" questions={shipped.filter(({ isTest }) => !isTest)} />
      </Section>
    </>
  );
}
