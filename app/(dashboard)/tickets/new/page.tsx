import type { Metadata } from "next";
import Link from "next/link";
import { Suspense } from "react";
import { RegisterForm } from "@/components/tickets/change/register-form";
import { NoPermission } from "@/components/ui/feedback/no-permission";
import { DetailSkeleton } from "@/components/ui/feedback/skeletons";
import { Page, PageHead } from "@/components/ui/page/page-head";
import { loadRegister } from "@/lib/tickets/loaders";

export const metadata: Metadata = { title: "Register a change" };

export default function RegisterChangePage() {
  return (
    <Page width="form">
      <Suspense fallback={<DetailSkeleton />}>
        <Register />
      </Suspense>
    </Page>
  );
}

async function Register() {
  const loaded = await loadRegister();
  if (!loaded.allowed) return <NoPermission what="Registering a change" {...loaded} />;
  return (
    <>
      <PageHead
        above={<Link prefetch={false} href="/tickets">Tickets</Link>}
        title="Register a change"
        sentence="It starts as a draft of yours. Somebody off the asking side approves it; then access can be asked for in its name."
      />
      <RegisterForm />
    </>
  );
}
