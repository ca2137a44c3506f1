import type { Metadata } from "next";
import { Suspense } from "react";
import { Followers } from "@/components/checkpoints/followers";
import { Keys, Log } from "@/components/checkpoints/log";
import { Places } from "@/components/checkpoints/places";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadCheckpoints } from "@/lib/checkpoints/loaders";

export const metadata: Metadata = { title: "Checkpoints" };

export default function CheckpointsPage() {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Content />
      </Suspense>
    </Page>
  );
}

async function Content() {
  const loaded = await loadCheckpoints();
  if (!loaded.allowed) return <NoPermission what="Checkpoints" {...loaded} />;
  const { log, places, tokens, mayManage, isMailSent } = loaded.value;
  return (
    <>
      <PageHead title="Checkpoints" sentence="Signed statements of what the ledger holds, and who keeps them outside Curfew." />
      <Log log={log} />
      <Places places={places} mayManage={mayManage} isMailSent={isMailSent} />
      <Followers tokens={tokens} mayManage={mayManage} url={log.url} vkey={log.keys.at(-1)?.vkey ?? null} />
      <Keys log={log} mayManage={mayManage} />
    </>
  );
}
