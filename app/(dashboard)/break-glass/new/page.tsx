import type { Metadata } from "next";
import { Suspense } from "react";
import { BreakForm } from "@/components/break-glass/page/break-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadBreakForm } from "@/lib/break-glass/loaders";

export const metadata: Metadata = { title: "Break the glass" };

type Props = PageProps<"/break-glass/new">;

export default function BreakGlassNewPage({ searchParams }: Props) {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <Form searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Form({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadBreakForm(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Breaking the glass" {...loaded} />;
  return (
    <>
      <PageHead title="Break the glass" sentence="Take access now and answer for it afterwards. For emergencies, by whoever policy says." />
      <BreakForm {...loaded.value} />
    </>
  );
}
