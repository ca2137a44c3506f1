"use client";

import type { Route } from "next";
import type { ReactNode } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import type { TableFilter } from "@/components/data-table/table-tools";
import { LiveRefresh } from "@/components/live/live-events";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatCount } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import { reviewKinds, reviewStates } from "@/lib/reviews/types";
import type { ReviewRow } from "@/lib/reviews/views/types";
import { ReviewStateMark } from "./review-state";
import { stateWords } from "./words";

const column = columnsFor<ReviewRow>();

const columns = column.columns([
  column.accessor("name", { header: "Review", meta: { card: "title", share: 2.4, fixed: true } }),
  column.accessor("kind", { header: "Kind", meta: { width: 116, level: 2, card: "inline" }, cell: ({ row }) => (row.original.kind === "campaign" ? "campaign" : "micro-review") }),
  column.accessor("openCount", {
    header: "Open",
    meta: { width: 112, card: "inline" },
    cell: ({ row }) => `${formatCount(row.original.openCount)} of ${formatCount(row.original.itemCount)}`,
  }),
  column.accessor("dueAt", { header: "Due", meta: { width: 116, sort: "due", card: "line" }, cell: ({ row }) => <RelativeTime at={row.original.dueAt} what="due" /> }),
  column.accessor("startedAt", {
    header: "Started",
    meta: { width: 116, level: 2, sort: "started", sortFirst: "desc", card: "none" },
    cell: ({ row }) => <RelativeTime at={row.original.startedAt} what={`review ${row.original.number}, started`} />,
  }),
  column.accessor("state", { header: "State", meta: { width: 240, card: "aside" }, cell: ({ row }) => <ReviewStateMark {...row.original} /> }),
]);

const filters: readonly TableFilter[] = [
  { key: "state", label: "State", options: reviewStates.map((value) => ({ value, label: stateWords[value] })) },
  { key: "kind", label: "Kind", options: reviewKinds.map((value) => ({ value, label: value === "micro" ? "micro-review" : value })) },
];

/** Reviews in the house table. */
export function ReviewTable({ page, sort, empty }: { page: Page<ReviewRow>; sort: Sort; empty: ReactNode }) {
  return (
    <>
      <LiveRefresh kinds={["review."]} />
      <DataTable
        noun={["review", "reviews"]}
        columns={columns}
        page={page}
        sort={sort}
        sortWords={{ started: "start", due: "due date" }}
        filters={filters}
        rowHref={(row) => `/reviews/${row.id}` as Route}
        isTrouble={(row) => row.isLate}
        empty={empty}
      />
    </>
  );
}
