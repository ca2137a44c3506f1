"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { StateBadge } from "@/components/ui/truth/state-badge";
import { formatCount, formatPlural } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import type { SystemRow } from "@/lib/systems/types";
import { Health } from "./health";

const column = columnsFor<SystemRow>();

const columns = column.columns([
  column.accessor("name", {
    header: "System",
    meta: { card: "title", sort: "name", share: 2, fixed: true },
  }),
  column.accessor("connector", { header: "Kind", meta: { width: 116, level: 2, card: "inline" } }),
  column.accessor("environment", { header: "Environment", meta: { width: 116, level: 3, card: "inline" } }),
  column.accessor("checkedAt", {
    header: "Connection",
    meta: { share: 2 },
    cell: ({ row }) => <Health {...row.original} />,
  }),
  column.accessor("gaps", {
    header: "Account",
    meta: { width: 132 },
    cell: ({ row }) =>
      row.original.isFromFiles ? (
        "none needed"
      ) : row.original.gaps > 0 ? (
        <StateBadge tone="caution">{formatPlural(row.original.gaps, "gap")}</StateBadge>
      ) : (
        "complete"
      ),
  }),
  column.accessor("entitlements", {
    header: "Entitlements",
    meta: { width: 112, align: "end" },
    cell: ({ row }) => formatCount(row.original.entitlements),
  }),
  column.accessor("unproven", {
    header: "Not proven",
    meta: { width: 112, align: "end" },
    cell: ({ row }) =>
      row.original.unproven > 0 ? <StateBadge tone="ending">{formatCount(row.original.unproven)}</StateBadge> : "none",
  }),
]);

/** The connected systems, in the house table. */
export function SystemTable({ page, sort }: { page: Page<SystemRow>; sort: Sort }) {
  return (
    <DataTable
      noun={["system", "systems"]}
      columns={columns}
      page={page}
      sort={sort}
      search="Search by name"
      rowHref={(row) => `/systems/${row.id}` as Route}
      isTrouble={(row) => row.unreachableSince !== null}
      empty={
        <EmptyState
          title="No system is connected"
          why="A system is a target where Curfew issues and ends credentials, such as a PostgreSQL server. Whoever runs Curfew connects one; docs/connectors.md says how."
        />
      }
    />
  );
}
