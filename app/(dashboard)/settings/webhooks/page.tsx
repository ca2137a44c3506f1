import type { Metadata } from "next";
import { Suspense } from "react";
import { DeliveryTable } from "@/components/notifications/delivery-table";
import { WebhookForm } from "@/components/notifications/webhook-form";
import { WebhookList } from "@/components/notifications/webhook-list";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { Section } from "@/components/ui/page/section";
import { loadWebhooks } from "@/lib/notifications/loaders";

export const metadata: Metadata = { title: "Webhooks" };

type Props = PageProps<"/settings/webhooks">;

export default function WebhooksPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Content searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Content({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadWebhooks(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Webhooks" {...loaded} />;
  const { webhooks, teams, page, sort, mayManage, isMailSent } = loaded.value;
  return (
    <>
      <PageHead
        title="Webhooks"
        sentence={`Where notices are sent besides the inbox, and what could not be delivered. ${isMailSent ? "Mail is sent, too." : "No mail server is set up: nothing is sent by mail."}`}
      />
      <WebhookList webhooks={webhooks} mayManage={mayManage} />
      {mayManage ? <WebhookForm teams={teams} /> : null}
      <Section title="Messages" note="By mail and by webhook. What is forgotten after 90 days is forgotten here, too.">
        <DeliveryTable page={page} sort={sort} mayManage={mayManage} />
      </Section>
    </>
  );
}
