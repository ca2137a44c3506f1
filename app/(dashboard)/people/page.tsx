import type { Metadata } from "next";
import { Suspense } from "react";
import { PeopleList } from "@/components/people/people-list";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadPeople } from "@/lib/people/loaders";

export const metadata: Metadata = { title: "People" };

type Props = PageProps<"/people">;

export default function PeoplePage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <People searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function People({ searchParams }: Pick<Props, "searchParams">) {
  const { after } = await searchParams;
  const loaded = await loadPeople(typeof after === "string" ? after : null);
  if (!loaded.allowed) return <NoPermission what="People" {...loaded} />;
  return (
    <>
      <PageHead title="People" sentence="Who can sign in, as what role, and who has left. Somebody who leaves is signed out everywhere at once." />
      <PeopleList {...loaded.value} />
    </>
  );
}
