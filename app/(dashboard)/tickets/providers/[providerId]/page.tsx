import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ProviderForm } from "@/components/tickets/providers/provider-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadProvider } from "@/lib/tickets/loaders";

export const metadata: Metadata = { title: "Ticket system" };

type Props = PageProps<"/tickets/providers/[providerId]">;

export default function ProviderPage({ params }: Props) {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <Provider params={params} />
      </Suspense>
    </Page>
  );
}

async function Provider({ params }: Pick<Props, "params">) {
  const loaded = await loadProvider((await params).providerId);
  if (!loaded.allowed) return <NoPermission what="This ticket system" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/tickets/providers">Ticket systems</Link>}
        title={loaded.value.name}
        sentence="The server is asked again before anything is saved."
      />
      <ProviderForm provider={loaded.value} />
    </>
  );
}
