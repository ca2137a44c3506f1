import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { TeamList } from "@/components/people/teams/team-list";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadTeams } from "@/lib/people/loaders";

export const metadata: Metadata = { title: "Teams" };

export default function TeamsPage() {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Teams />
      </Suspense>
    </Page>
  );
}

async function Teams() {
  const loaded = await loadTeams();
  if (!loaded.allowed) return <NoPermission what="Teams" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/people">People</Link>}
        title="Teams and on-call"
        sentence="Who leads a team and who is on call for it. Leads are asked when nobody else takes over from a leaver."
      />
      <TeamList {...loaded.value} />
    </>
  );
}
