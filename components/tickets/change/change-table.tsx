"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateWord } from "@/components/ui/truth/state-badge";
import type { Page, Sort } from "@/lib/platform/page";
import { changeStates, type ChangeRow } from "@/lib/tickets/types";
import styles from "../tickets.module.css";
import { changeStateWords } from "../words";
import { changeTone } from "./change-tone";

const column = columnsFor<ChangeRow>();

const columns = column.columns([
  column.accessor("title", {
    header: "Change",
    meta: { card: "title", share: 3, fixed: true },
    cell: ({ row: { original } }) => (
      <span className={styles.title}>
        <span>{original.title}</span>
        <code className={styles.quiet}>{original.key}</code>
      </span>
    ),
  }),
  column.accessor("state", {
    header: "State",
    meta: { share: 1 },
    cell: ({ row: { original } }) => <StateWord tone={changeTone[original.state]}>{changeStateWords[original.state]}</StateWord>,
  }),
  column.accessor("author", { header: "Registered by", meta: { share: 1, level: 2 } }),
  column.accessor("windowUntil", {
    header: "Window ends",
    meta: { width: 132, level: 2 },
    cell: ({ row: { original } }) => (original.windowUntil ? <RelativeTime at={original.windowUntil} what="ends" /> : "none set"),
  }),
  column.accessor("createdAt", {
    header: "Registered",
    meta: { width: 132, sort: "created", sortFirst: "desc", card: "inline" },
    cell: ({ row }) => <RelativeTime at={row.original.createdAt} what="registered" />,
  }),
]);

const filters = [{ key: "state", label: "State", options: changeStates.map((value) => ({ value, label: changeStateWords[value] })) }] as const;

/** The register of changes, in the house table. */
export function ChangeTable({ page, sort }: { page: Page<ChangeRow>; sort: Sort }) {
  return (
    <DataTable
      noun={["change", "changes"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ created: "when it was registered" }}
      filters={filters}
      rowHref={(row) => `/tickets/${row.id}` as Route}
      empty={<EmptyState title="No changes registered" why="Where no other ticket system is connected, a change is registered here, approved by somebody off the asking side, and named when asking for access." />}
    />
  );
}
