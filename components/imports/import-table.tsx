"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import { ClockTime } from "@/components/ui/time/relative-time";
import type { ImportRow } from "@/lib/imports/types";
import { formatCount } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import { ImportState } from "./import-state";
import { formatWords } from "./words";

const column = columnsFor<ImportRow>();

const columns = column.columns([
  column.accessor("createdAt", { header: "Sent", meta: { width: 128, sort: "started", sortFirst: "desc" }, cell: ({ row }) => <ClockTime at={row.original.createdAt} what="sent" /> }),
  column.accessor("fileName", { header: "File", meta: { share: 1.6, card: "title", fixed: true } }),
  column.accessor("system.name", { id: "system", header: "System", meta: { share: 1.2, card: "line" } }),
  column.accessor("format", { header: "Format", meta: { share: 1.2, level: 2 }, cell: ({ row }) => formatWords[row.original.format].name }),
  column.accessor("by", { header: "By", meta: { share: 0.8, level: 3 } }),
  column.accessor("linesRead", { header: "Lines", meta: { width: 96, align: "end", level: 2 }, cell: ({ row }) => formatCount(row.original.linesRead) }),
  column.accessor("linesRejected", { header: "Rejected", meta: { width: 96, align: "end" }, cell: ({ row }) => formatCount(row.original.linesRejected) }),
  column.accessor("changes", { header: "Differences", meta: { width: 112, align: "end" }, cell: ({ row }) => (row.original.changes === null ? "—" : formatCount(row.original.changes)) }),
  column.accessor("state", { header: "State", meta: { width: 172, card: "aside" }, cell: ({ row }) => <ImportState state={row.original.state} /> }),
]);

/** Files that were sent, what became of each. */
export function ImportTable({ page, sort, mayImport }: { page: Page<ImportRow>; sort: Sort; mayImport: boolean }) {
  return (
    <DataTable
      noun={["import", "imports"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ started: "when it was sent" }}
      rowHref={(row) => `/systems/imports/${row.id}` as Route}
      isTrouble={({ state }) => state === "failed" || state === "interrupted"}
      empty={
        <EmptyState
          title="No file was imported yet"
          why="A file says what a system holds where Curfew cannot look by itself: AWS, Kubernetes, GitHub, or a list of your own. What it would change is shown before anything changes."
          next={mayImport ? <ButtonLink href="/systems/imports/new">Import a file</ButtonLink> : undefined}
        />
      }
    />
  );
}
