import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ConnectForm } from "@/components/systems/connect/connect-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadConnection } from "@/lib/systems/loaders";

export const metadata: Metadata = { title: "Change a connection" };

type Props = PageProps<"/systems/[systemId]/connection">;

export default function ConnectionPage({ params }: Props) {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <ChangeConnection params={params} />
      </Suspense>
    </Page>
  );
}

async function ChangeConnection({ params }: Pick<Props, "params">) {
  const { systemId } = await params;
  const loaded = await loadConnection(systemId);
  if (!loaded.allowed) return <NoPermission what="Connections of systems" {...loaded} />;
  const { id, name } = loaded.value;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href={`/systems/${id}`}>{name}</Link>}
        title={`Connection of ${name}`}
        sentence="Where it is and how Curfew signs in there. What lives on it goes on meanwhile."
      />
      <ConnectForm system={loaded.value} />
    </>
  );
}
