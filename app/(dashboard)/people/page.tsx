import type { Metadata, Route } from "next";
import { Suspense } from "react";
import { LeavingStops } from "@/components/people/leaving-stops";
import styles from "@/components/people/people.module.css";
import { PeopleTable } from "@/components/people/people-table";
import { ProposalList } from "@/components/proposals/proposal-list";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadPeople } from "@/lib/people/loaders";
import { loadProposals } from "@/lib/proposals/loaders";
import { loadLeavingStops } from "@/lib/scim/loaders";

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
  const [loaded, proposals, stops] = await Promise.all([loadPeople(await searchParams), loadProposals(), loadLeavingStops()]);
  if (!loaded.allowed) return <NoPermission what="People" {...loaded} />;
  const { page, sort, teams, mayManage } = loaded.value;
  return (
    <>
      <PageHead
        title="People"
        sentence="Who can sign in, as what role, and who has left. Somebody who leaves is signed out everywhere at once."
        action={
          <span className={styles.links}>
            <ButtonLink href={"/people/teams" as Route}>Teams and on-call</ButtonLink>
            {mayManage ? <ButtonLink href={"/people/directory" as Route}>Directory</ButtonLink> : null}
          </span>
        }
      />
      {stops.allowed ? <LeavingStops {...stops.value} /> : null}
      {proposals.allowed ? <ProposalList proposals={proposals.value} mayDecide={mayManage} /> : null}
      <PeopleTable page={page} sort={sort} teams={teams} />
    </>
  );
}
