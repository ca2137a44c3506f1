import type { Metadata } from "next";
import { Suspense } from "react";
import { Forgetting, Holds, Keeping } from "@/components/retention/retention";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadRetention } from "@/lib/retention/loaders";

export const metadata: Metadata = { title: "Retention" };

type Props = PageProps<"/settings/retention">;

export default function RetentionPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Content searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Content({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadRetention(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Retention" {...loaded} />;
  const { days, counted, erasable, holds, choices, leavers, person, forgettings, mayManage } = loaded.value;
  return (
    <>
      <PageHead title="Retention" sentence="How long names and free text stay beside the events of the ledger, what is kept from being erased, and who is forgotten." />
      <Keeping days={days} counted={counted} erasable={erasable} mayManage={mayManage} />
      <Holds holds={holds} choices={choices} mayManage={mayManage} />
      {mayManage ? <Forgetting leavers={leavers} person={person} forgettings={forgettings} /> : null}
    </>
  );
}
