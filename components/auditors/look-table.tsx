"use client";

import type { Route } from "next";
import Link from "next/link";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { LookRow } from "@/lib/auditors/types";
import type { Page, Sort } from "@/lib/platform/page";
import { lookWords } from "./words";

const column = columnsFor<LookRow>();

const said = ({ filter }: LookRow) => Object.entries(filter).map(([key, value]) => `${key}: ${value}`).join(" · ");

const What = ({ look }: { look: LookRow }) => <Link href={look.href as Route} prefetch={false}>{lookWords[look.kind]}</Link>;

const filter = column.accessor("filter", { header: "Filter", meta: { share: 3, level: 2 }, cell: ({ row }) => said(row.original) });
const when = column.accessor("at", { header: "When", meta: { width: 120, sort: "looked", sortFirst: "desc", card: "inline" }, cell: ({ row }) => <RelativeTime at={row.original.at} what="looked" /> });

const columns = column.columns([
  column.accessor("person", { header: "Auditor", meta: { card: "title", share: 2, fixed: true }, cell: ({ row }) => row.original.person }),
  column.accessor("kind", { header: "What", meta: { share: 2 }, cell: ({ row }) => <What look={row.original} /> }),
  filter,
  column.accessor("isBounded", { header: "As", meta: { share: 1, level: 2 }, cell: ({ row }) => (row.original.isBounded ? "engagement" : "auditor") }),
  when,
]);

const ownColumns = column.columns([column.accessor("kind", { header: "What", meta: { card: "title", share: 2, fixed: true }, cell: ({ row }) => <What look={row.original} /> }), filter, when]);

/** Who looked at what and when; or what one looked at oneself. */
export function LookTable({ page, sort, isOwn = false }: { page: Page<LookRow>; sort: Sort; isOwn?: boolean }) {
  return (
    <DataTable
      noun={["look", "looks"]}
      columns={isOwn ? ownColumns : columns}
      page={page}
      sort={sort}
      sortWords={{ looked: "when they looked" }}
      filters={[]}
      empty={<EmptyState title={isOwn ? "You have not looked at anything yet" : "No auditor has looked at evidence yet"} why="Each chain that an auditor opens, each filter they look with and each file they take is written down here." />}
    />
  );
}
