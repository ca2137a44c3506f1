import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ProviderList } from "@/components/tickets/providers/provider-list";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadProviders } from "@/lib/tickets/loaders";

export const metadata: Metadata = { title: "Ticket systems" };

export default function ProvidersPage() {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Providers />
      </Suspense>
    </Page>
  );
}

async function Providers() {
  const loaded = await loadProviders();
  if (!loaded.allowed) return <NoPermission what="Ticket systems" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/tickets">Tickets</Link>}
        title="Ticket systems"
        sentence="Where tickets are looked up, whether it answers, and what counts there as open and approved."
        action={loaded.value.mayManage ? <ButtonLink href="/tickets/providers/new">Connect a ticket system</ButtonLink> : null}
      />
      <ProviderList {...loaded.value} />
    </>
  );
}
