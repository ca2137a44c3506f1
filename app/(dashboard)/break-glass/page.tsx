import type { Metadata } from "next";
import { Suspense } from "react";
import { Emergencies } from "@/components/break-glass/emergencies";
import { Readiness } from "@/components/break-glass/readiness/readiness";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadEmergencies, loadManageOptions } from "@/lib/break-glass/loaders";

export const metadata: Metadata = { title: "Break-glass" };

type Props = PageProps<"/break-glass">;

export default function BreakGlassPage({ searchParams }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Everything searchParams={searchParams} />
      </Suspense>
    </Page>
  );
}

async function Everything({ searchParams }: Pick<Props, "searchParams">) {
  const loaded = await loadEmergencies(await searchParams);
  if (!loaded.allowed) return <NoPermission what="Break-glass" {...loaded} />;
  const { readiness } = loaded.value;
  const options = readiness?.mayManage ? await loadManageOptions() : null;
  return <Emergencies view={loaded.value} readiness={readiness ? <Readiness readiness={readiness} options={options?.allowed ? options.value : null} /> : null} />;
}
