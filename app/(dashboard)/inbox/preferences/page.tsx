import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { PreferencesForm } from "@/components/notifications/preferences-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadPreferences } from "@/lib/notifications/loaders";

export const metadata: Metadata = { title: "How you are told" };

export default function PreferencesPage() {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <Content />
      </Suspense>
    </Page>
  );
}

async function Content() {
  const loaded = await loadPreferences();
  if (!loaded.allowed) return <NoPermission what="How you are told" {...loaded} />;
  return (
    <>
      <PageHead above={<Link prefetch={false} href="/inbox">Inbox</Link>} title="How you are told" sentence="The inbox gets everything that is yours to act on or to know. Here you choose what comes by mail, and when." />
      <PreferencesForm {...loaded.value} />
    </>
  );
}
