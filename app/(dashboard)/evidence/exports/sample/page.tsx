import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { SampleForm } from "@/components/evidence/sample/sample-form";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { KeyValue } from "@/components/ui/page/key-value";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import { loadSampling } from "@/lib/evidence/loaders";
import { formatCount } from "@/lib/platform/format";

export const metadata: Metadata = { title: "Sample of records" };

export default function SamplePage() {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Sampling />
      </Suspense>
    </Page>
  );
}

async function Sampling() {
  const loaded = await loadSampling();
  if (!loaded.allowed) return <NoPermission what="Samples of records" {...loaded} />;
  const checkpoint = loaded.value;
  return (
    <>
      <PageHead
        above={<Link href={"/evidence/exports" as Route} prefetch={false}>Exports</Link>}
        title="Sample"
        sentence="Records chosen so that neither side can steer: Curfew has signed what there is to choose from, then you give a nonce. How many to look at is yours to say."
      />
      {checkpoint === null ? (
        <EmptyState title="No checkpoint yet" why="The first one is signed within minutes of the first event. A sample is drawn below a checkpoint, so that nothing can be added to what it is drawn from." />
      ) : (
        <>
          <Section title="What is fixed" note="Note the root down, or compare it with the copy that was sent out of the house, before you choose your nonce.">
            <KeyValue
              facts={[
                { key: "size", label: "Checkpoint over", value: `${formatCount(BigInt(checkpoint.size))} events` },
                { key: "root", label: "Root", value: <code>{checkpoint.root}</code> },
                { key: "signed", label: "Signed", value: <ExactTime at={checkpoint.signedAt} /> },
              ]}
            />
          </Section>
          <Section title="Draw">
            <SampleForm size={checkpoint.size} />
          </Section>
        </>
      )}
    </>
  );
}
