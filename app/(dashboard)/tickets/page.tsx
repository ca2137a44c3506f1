import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ChangeTable } from "@/components/tickets/change/change-table";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadChanges } from "@/lib/tickets/loaders";

export const metadata: Metadata = { title: "Tickets" };

type Props = PageProps<"/tickets">;

export default function TicketsPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Changes searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Changes({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadChanges(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Tickets" {...loaded} />;
  const { page, sort, mayRegister, maySeeProviders } = loaded.value;
  return (
    <>
      <PageHead
        title="Tickets"
        sentence={
          <>
            Changes registered here, for access that needs a ticket. A session ends when its change is closed or its window is over.
            {maySeeProviders ? (
              <>
                {" "}
                <Link prefetch={false} href="/tickets/providers">Ticket systems</Link>
              </>
            ) : null}
          </>
        }
        action={mayRegister ? <ButtonLink href="/tickets/new">Register a change</ButtonLink> : null}
      />
      <ChangeTable page={page} sort={sort} />
    </>
  );
}
