import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { RegisterIdentity } from "@/components/identities/edit/register-identity";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadNewIdentity } from "@/lib/identities/loaders";

export const metadata: Metadata = { title: "Register an identity" };

export default function NewIdentityPage() {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <NewIdentity />
      </Suspense>
    </Page>
  );
}

async function NewIdentity() {
  const loaded = await loadNewIdentity();
  if (!loaded.allowed) return <NoPermission what="Registering an identity" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/identities">Identities</Link>}
        title="Register an identity"
        sentence="For what no connected system and no file tells of. It needs an owner and a sponsor before policy gives it new access."
      />
      <RegisterIdentity {...loaded.value} />
    </>
  );
}
