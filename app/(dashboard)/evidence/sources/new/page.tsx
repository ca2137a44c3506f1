import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { MakeSourceForm } from "@/components/uses/make-source";
import { loadNewSource } from "@/lib/uses/loaders";

export const metadata: Metadata = { title: "Add a source" };

export default function NewSourcePage() {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <NewSource />
      </Suspense>
    </Page>
  );
}

async function NewSource() {
  const loaded = await loadNewSource();
  if (!loaded.allowed) return <NoPermission what="Adding sources" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link href={"/evidence/sources" as Route} prefetch={false}>Sources</Link>}
        title="Add a source"
        sentence="A log of a system, whose lines people or machines send. What statements say is never kept: only what they do to what."
      />
      <MakeSourceForm {...loaded.value} />
    </>
  );
}
