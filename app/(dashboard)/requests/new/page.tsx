import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { AskForm } from "@/components/requests/ask/ask-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadAskForm } from "@/lib/requests/loaders";

export const metadata: Metadata = { title: "Ask for access" };

type Props = PageProps<"/requests/new">;

export default function NewRequestPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <NewRequest searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function NewRequest({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadAskForm(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Requests for access" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href={"/requests" as Route}>Requests</Link>}
        title="Ask for access"
        sentence="For a job, a bot or a service account, for a while. It ends by itself, and you see beforehand who will be asked."
      />
      <AskForm {...loaded.value} />
    </>
  );
}
