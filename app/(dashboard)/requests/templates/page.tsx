import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { TemplateList } from "@/components/requests/templates/template-list";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { ButtonLink } from "@/components/ui/form/button";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadTemplates } from "@/lib/request-templates/loaders";

export const metadata: Metadata = { title: "Templates" };

type Props = PageProps<"/requests/templates">;

export default function TemplatesPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Templates searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Templates({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadTemplates(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Templates" {...loaded} />;
  const { rows, next, isFirst, mayAsk } = loaded.value;
  const ask = mayAsk ? <ButtonLink href={"/requests/new" as Route}>Ask for access</ButtonLink> : undefined;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href={"/requests" as Route}>Requests</Link>}
        title="Templates"
        sentence={mayAsk ? "Requests that you, or your teams, ask again and again. They fill the form in and ask nothing by themselves." : "Requests that people keep to ask them again. You can rename, unshare and remove any of them."}
        action={rows.length > 0 ? ask : undefined}
      />
      {rows.length > 0 ? (
        <TemplateList rows={rows} next={next} />
      ) : (
        <EmptyState
          title={isFirst ? "No templates yet" : "No older templates"}
          why={mayAsk ? "Fill the form in once and keep it as a template, or keep a request of yours from its page." : "Nobody keeps a request as a template yet."}
          next={ask}
        />
      )}
    </>
  );
}
