import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { Directory } from "@/components/people/directory";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadDirectory } from "@/lib/scim/loaders";

export const metadata: Metadata = { title: "Directory" };

export default function DirectoryPage() {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <Content />
      </Suspense>
    </Page>
  );
}

async function Content() {
  const loaded = await loadDirectory();
  if (!loaded.allowed) return <NoPermission what="Directories" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/people">People</Link>}
        title="Directory"
        sentence="A directory such as Entra ID or Okta sends people, groups and leavers here by SCIM 2.0."
      />
      <Directory {...loaded.value} />
    </>
  );
}
