"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatCount } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import type { SourceRow } from "@/lib/uses/types";
import { formatWords, lagText } from "./words";

const column = columnsFor<SourceRow>();

const columns = column.columns([
  column.accessor("name", { header: "Source", meta: { share: 1.4, sort: "name", card: "title", fixed: true } }),
  column.accessor("system.name", { id: "system", header: "System", meta: { share: 1, card: "line" } }),
  column.accessor("kind", { header: "Kind", meta: { share: 1.6 }, cell: ({ row }) => (row.original.format === null ? "Looks at connections" : formatWords[row.original.format].name) }),
  column.accessor("watermark", {
    header: "Reported up to",
    meta: { width: 148, card: "aside" },
    cell: ({ row }) => (row.original.closedAt ? "closed" : row.original.watermark ? <RelativeTime at={row.original.watermark} what="reported up to" /> : "nothing yet"),
  }),
  column.accessor("lagSeconds", { header: "Lag", meta: { width: 88, align: "end", level: 2 }, cell: ({ row }) => lagText(row.original.lagSeconds) }),
  column.accessor("usesKept", { header: "Uses", meta: { width: 92, align: "end", level: 2 }, cell: ({ row }) => (row.original.kind === "polled" ? "—" : formatCount(row.original.usesKept)) }),
  column.accessor("usesUnmatched", { header: "No session", meta: { width: 104, align: "end", level: 3 }, cell: ({ row }) => formatCount(row.original.usesUnmatched) }),
  column.accessor("linesRejected", { header: "Not taken", meta: { width: 96, align: "end" }, cell: ({ row }) => formatCount(row.original.linesRejected) }),
  column.accessor("lastError", { header: "Last error", meta: { share: 1, level: 3 }, cell: ({ row }) => row.original.lastError ?? "—" }),
]);

/** Where uses are learned of, and how far each source has reported. */
export function SourceTable({ page, sort, mayManage }: { page: Page<SourceRow>; sort: Sort; mayManage: boolean }) {
  return (
    <DataTable
      noun={["source", "sources"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ name: "name" }}
      rowHref={(row) => `/evidence/sources/${row.id}` as Route}
      isTrouble={({ lastError }) => lastError !== null}
      empty={
        <EmptyState
          title="No source yet"
          why="A system that Curfew is connected to is looked at, and its log is read, by itself. For any other a log can be sent, by hand or by a machine, or read from a watched folder."
          next={mayManage ? <ButtonLink href={"/evidence/sources/new" as Route}>Add a source</ButtonLink> : undefined}
        />
      }
    />
  );
}
