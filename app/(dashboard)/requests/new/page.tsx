import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { StartFrom } from "@/components/requests/templates/start-from";
import { AskForm } from "@/components/requests/ask/ask-form";
import { Banner } from "@/components/ui/feedback/banner";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadAskForm } from "@/lib/requests/loaders";

export const metadata: Metadata = { title: "Ask for access" };

type Props = PageProps<"/requests/new">;

export default function NewRequestPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <NewRequest searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function NewRequest({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadAskForm(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Requests for access" {...loaded} />;
  const { templates, isTemplateGone, ...ask } = loaded.value;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href={"/requests" as Route}>Requests</Link>}
        title="Ask for access"
        sentence="For a job, a bot or a service account, for a while. It ends by itself, and you see beforehand who will be asked."
      />
      {isTemplateGone ? <Banner tone="warning">This template is not there any more, or it is not shared with you. The form is empty.</Banner> : null}
      {templates.length > 0 && !ask.start ? <StartFrom key={`from ${ask.template?.id ?? ""}`} templates={templates} start={ask.template} /> : null}
      <AskForm key={`form ${ask.template?.id ?? ""}`} {...ask} />
    </>
  );
}
