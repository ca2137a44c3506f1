import type { Metadata } from "next";
import { Suspense } from "react";
import { QueueHead } from "@/components/queue/queue-head";
import { ApprovalQueue } from "@/components/requests/queue/approval-queue";
import { OwnPaceLine } from "@/components/requests/queue/own-pace";
import { QueueEmpty } from "@/components/requests/queue/queue-empty";
import { RefreshIfOld } from "@/components/requests/refresh-if-old";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadApprovals } from "@/lib/requests/loaders";

export const metadata: Metadata = { title: "Approvals" };

type Props = PageProps<"/approvals">;

export default function ApprovalsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Approvals searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Approvals({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadApprovals(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Approvals" {...loaded} />;
  const { page, open, pace, isChosen, pageKey, asOf } = loaded.value;
  return (
    <>
      <RefreshIfOld asOf={asOf} />
      <QueueHead isChosen={isChosen}>
        <PageHead
          title="Approvals"
          sentence={page.rows.length > 0 ? "What waits for your vote, the riskiest first and the oldest first among equals." : "What waits for your vote."}
        />
        {pace ? <OwnPaceLine pace={pace} /> : null}
      </QueueHead>
      {page.rows.length === 0 && !isChosen ? (
        <QueueEmpty />
      ) : (
        <ApprovalQueue key={pageKey} page={page} open={open} isChosen={isChosen} />
      )}
    </>
  );
}
