import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ProviderForm } from "@/components/tickets/providers/provider-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadConnectingProvider } from "@/lib/tickets/loaders";

export const metadata: Metadata = { title: "Connect a ticket system" };

export default function ConnectProviderPage() {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <Connect />
      </Suspense>
    </Page>
  );
}

async function Connect() {
  const loaded = await loadConnectingProvider();
  if (!loaded.allowed) return <NoPermission what="Connecting a ticket system" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/tickets/providers">Ticket systems</Link>}
        title="Connect a ticket system"
        sentence="The server is asked before anything is saved."
      />
      <ProviderForm />
    </>
  );
}
