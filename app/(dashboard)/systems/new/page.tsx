import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ConnectForm } from "@/components/systems/connect/connect-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadConnecting } from "@/lib/systems/loaders";

export const metadata: Metadata = { title: "Connect a system" };

export default function ConnectSystemPage() {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <ConnectSystem />
      </Suspense>
    </Page>
  );
}

async function ConnectSystem() {
  const loaded = await loadConnecting();
  if (!loaded.allowed) return <NoPermission what="Connecting a system" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/systems">Systems</Link>}
        title="Connect a PostgreSQL server"
        sentence="Curfew reads who is there, and issues and ends credentials only where you let something be asked for."
      />
      <ConnectForm />
    </>
  );
}
