import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { HandOvers } from "@/components/succession/hand-overs";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadHandOvers } from "@/lib/succession/loaders";

export const metadata: Metadata = { title: "Hand-overs" };

export default function HandOversPage() {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Content />
      </Suspense>
    </Page>
  );
}

async function Content() {
  const loaded = await loadHandOvers();
  if (!loaded.allowed) return <NoPermission what="Hand-overs" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/identities">Identities</Link>}
        title="Hand-overs"
        sentence="Identities whose owner, sponsor or backup left: who is asked to take over, and until when."
      />
      <HandOvers {...loaded.value} />
    </>
  );
}
