"use client";

import "@/components/ui/theme/tokens.css";
import "@/components/ui/theme/base.css";
import { ErrorState } from "@/components/ui/feedback/error-state";
import { Page } from "@/components/ui/page/page-head";

/** When even the frame of the page could not be made. Knows no theme: takes the light one. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en" data-mantine-color-scheme="light">
      <body>
        <title>Curfew could not answer</title>
        <Page>
          <ErrorState title="Curfew could not answer" correlationId={digestOf(error)} retry={retry} />
        </Page>
      </body>
    </html>
  );
}

function digestOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "digest" in error ? String(error.digest) : undefined;
}
