import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ChangePage } from "@/components/tickets/change/change-page";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadChange } from "@/lib/tickets/loaders";

export const metadata: Metadata = { title: "Change" };

type Props = PageProps<"/tickets/[changeId]">;

export default function ChangeRoute({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Change params={params} />
      </Suspense>
    </Page>
  );
}

async function Change({ params }: Pick<Props, "params">) {
  const loaded = await loadChange((await params).changeId);
  if (!loaded.allowed) return <NoPermission what="This change" {...loaded} />;
  const change = loaded.value;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/tickets">Tickets</Link>}
        title={`${change.key}: ${change.title}`}
        sentence={`Registered by ${change.author}. Requests that name it live as long as it does.`}
      />
      <ChangePage change={change} />
    </>
  );
}
