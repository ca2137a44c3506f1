import type { Metadata, Route } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { ControlPage } from "@/components/evidence/controls/control-page";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { ListSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadControl } from "@/lib/controls/loaders";
import { formatList } from "@/lib/platform/format";

type Props = PageProps<"/evidence/controls/[control]">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const loaded = await loadControl((await params).control);
  return { title: loaded.allowed ? `${loaded.value.control.id}, ${loaded.value.catalogue.name}` : "Control" };
}

export default function ControlsOnePage({ params }: Props) {
  return (
    <Page>
      <Suspense fallback={<ListSkeleton />}>
        <Shown params={params} />
      </Suspense>
    </Page>
  );
}

async function Shown({ params }: Pick<Props, "params">) {
  const loaded = await loadControl((await params).control);
  if (!loaded.allowed) return <NoPermission what="This control" {...loaded} />;
  const { control, catalogue } = loaded.value;
  const aliases = control.aliases ?? [];
  return (
    <>
      <PageHead
        above={<Link href={"/evidence/controls" as Route} prefetch={false}>Controls</Link>}
        title={`${control.id}: ${control.label}`}
        sentence={`${catalogue.name}, ${catalogue.edition}. ${catalogue.source}; the words are ours.${aliases.length > 0 ? ` Also written ${formatList(aliases, "or")}.` : ""}`}
      />
      <ControlPage view={loaded.value} />
    </>
  );
}
