import type { Metadata } from "next";
import { Suspense } from "react";
import { SessionsView } from "@/components/sessions/sessions-view";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadSessions } from "@/lib/grants/loaders";

export const metadata: Metadata = { title: "Sessions" };

type Props = PageProps<"/sessions">;

export default function SessionsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Sessions searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Sessions({ searchParams }: Pick<Props, "searchParams">) {
  const parameters = await searchParams;
  const loaded = await loadSessions(parameters);
  if (!loaded.allowed) return <NoPermission what="Sessions" {...loaded} />;
  // Another page of the list is another list: it takes its places anew.
  const place = String(parameters.after ?? parameters.before ?? "");
  return (
    <>
      <PageHead title="Sessions" sentence="Who can reach what right now, until when, and how sure it is that the rest cannot any more." />
      <SessionsView key={place} view={loaded.value} />
    </>
  );
}
