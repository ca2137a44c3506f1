import type { Metadata } from "next";
import { Suspense } from "react";
import { GlassPage } from "@/components/break-glass/page/glass-page";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page } from "@/components/ui/page/page-head";
import { loadEmergency } from "@/lib/break-glass/loaders";

type Props = PageProps<"/break-glass/[breakGlassId]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadEmergency((await params).breakGlassId);
  return { title: loaded.allowed ? `Break-glass ${loaded.value.number}` : "Break-glass" };
}

export default function EmergencyRoute({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<DetailSkeleton />}>
        <Emergency params={params} />
      </Suspense>
    </Page>
  );
}

async function Emergency({ params }: Pick<Props, "params">) {
  const loaded = await loadEmergency((await params).breakGlassId);
  if (!loaded.allowed) return <NoPermission what="Break-glass" {...loaded} />;
  return <GlassPage glass={loaded.value} />;
}
