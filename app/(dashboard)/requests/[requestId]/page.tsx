import type { Metadata } from "next";
import { Suspense } from "react";
import { FocusFromLink } from "@/components/notifications/focus-from-link";
import { RequestPage } from "@/components/requests/page/request-page";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadRequest } from "@/lib/requests/loaders";

type Props = PageProps<"/requests/[requestId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadRequest((await params).requestId);
  return { title: loaded.allowed ? `Request ${loaded.value.number}` : "Requests" };
}

export default function RequestRoute({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Request params={params} />
      </Suspense>
    </Page>
  );
}

async function Request({ params }: Pick<Props, "params">) {
  const loaded = await loadRequest((await params).requestId);
  if (!loaded.allowed) return <NoPermission what="Requests" {...loaded} />;
  return (
    <>
      <RequestPage request={loaded.value} />
      <FocusFromLink />
    </>
  );
}
