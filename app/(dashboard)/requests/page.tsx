import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { RefreshIfOld } from "@/components/requests/refresh-if-old";
import { RequestTable } from "@/components/requests/request-table";
import { ScopeTabs } from "@/components/requests/scope-tabs";
import { ButtonLink } from "@/components/ui/form/button";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadRequests } from "@/lib/requests/loaders";

export const metadata: Metadata = { title: "Requests" };

type Props = PageProps<"/requests">;

const sentences = {
  mine: "What you asked for, what became of it, and how long it lasts.",
  "concerning-me": "What you asked for, were asked about, or answer for.",
  all: "Every request of the organisation and what became of it.",
} as const;

export default function RequestsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Requests searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Requests({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadRequests(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Requests" {...loaded} />;
  const { page, sort, scope, scopes, mayAsk, maySeeTemplates, pageKey, asOf } = loaded.value;
  const ask = mayAsk ? <ButtonLink kind="primary" href={"/requests/new" as Route}>Ask for access</ButtonLink> : null;
  return (
    <>
      <RefreshIfOld asOf={asOf} />
      <PageHead
        title="Requests"
        sentence={
          <>
            {sentences[scope]}
            {maySeeTemplates ? (
              <>
                {" "}
                <Link prefetch={false} href={"/requests/templates" as Route}>Templates</Link>
              </>
            ) : null}
          </>
        }
        action={ask}
      />
      <ScopeTabs scopes={scopes} scope={scope} />
      <RequestTable key={pageKey} page={page} sort={sort} isOwn={scope === "mine"} empty={<Empty mayAsk={mayAsk} />} />
    </>
  );
}

function Empty({ mayAsk }: { mayAsk: boolean }) {
  return (
    <EmptyState
      title="No requests yet"
      why={mayAsk ? "Ask for access for a job, a bot or a service account: it ends by itself, and you see beforehand who will be asked." : "Requests that you are asked about, or that concern identities you answer for, appear here."}
      next={mayAsk ? <ButtonLink kind="primary" href={"/requests/new" as Route}>Ask for access</ButtonLink> : undefined}
    />
  );
}
