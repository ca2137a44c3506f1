import type { Metadata } from "next";
import { Suspense } from "react";
import { Inbox } from "@/components/notifications/inbox-list";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadInbox } from "@/lib/notifications/loaders";

export const metadata: Metadata = { title: "Inbox" };

type Props = PageProps<"/inbox">;

export default function InboxPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Content searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Content({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadInbox(await searchParams);
  if (!loaded.allowed) return <NoPermission what="The inbox" {...loaded} />;
  return (
    <>
      <PageHead
        title="Inbox"
        sentence="What you are asked and what you asked for, the newest first. Nothing is decided by opening it: the page behind it asks."
        action={<ButtonLink href="/inbox/preferences">How you are told</ButtonLink>}
      />
      <Inbox {...loaded.value} />
    </>
  );
}
