import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { SendForm } from "@/components/imports/send/send-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadNewImport } from "@/lib/imports/loaders";

export const metadata: Metadata = { title: "Import a file" };

export default function NewImportPage() {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <NewImport />
      </Suspense>
    </Page>
  );
}

async function NewImport() {
  const loaded = await loadNewImport();
  if (!loaded.allowed) return <NoPermission what="Importing files" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link href="/systems/imports" prefetch={false}>Imports</Link>}
        title="Import a file"
        sentence="Curfew reads the file as it comes, keeps what it says about identities, and shows what would change before anything does. The file itself is never kept, and no secret in it."
      />
      <SendForm systems={loaded.value.systems} />
    </>
  );
}
