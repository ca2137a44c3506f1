"use client";

import { IconDownload } from "@tabler/icons-react";
import { useSearchParams } from "next/navigation";
import { Button } from "@/components/ui/form/button";
import { type CappedCount, formatCapped } from "@/lib/platform/format";

/** Exports the list as it is filtered and sorted. By a plain form, so that the browser streams the file to the disk. */
export function ExportButton({ total }: { total: CappedCount | null }) {
  const query = useSearchParams().toString();
  return (
    <form action="/api/identities/export" method="post">
      <input type="hidden" name="query" value={query} />
      <Button type="submit" size="small">
        <IconDownload size={14} aria-hidden />
        {total === null ? "Export as CSV" : `Export ${formatCapped(total)} as CSV`}
      </Button>
    </form>
  );
}
