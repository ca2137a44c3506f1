"use client";

import { ErrorState } from "@/components/ui/feedback/error-state";
import { Page } from "@/components/ui/page/page-head";

/** A page that failed; the shell around it still stands. */
export default function DashboardError({ error, retry }: { error: unknown; retry: () => void }) {
  const digest = typeof error === "object" && error !== null && "digest" in error ? String(error.digest) : undefined;
  return (
    <Page>
      <ErrorState correlationId={digest} retry={retry} />
    </Page>
  );
}
