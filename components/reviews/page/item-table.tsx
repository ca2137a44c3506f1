"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import type { TableFilter } from "@/components/data-table/table-tools";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { IdentityName } from "@/components/ui/names/identity-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { Page, Sort } from "@/lib/platform/page";
import { itemStates } from "@/lib/reviews/types";
import type { ItemRow } from "@/lib/reviews/views/types";
import { consequenceWords, decisionWords, levelOf } from "../words";

type Row = ItemRow & { readonly reviewId: string };
const column = columnsFor<Row>();

const columns = column.columns([
  column.accessor((row) => row.identity.name, {
    id: "identity",
    header: "Identity",
    meta: { card: "title", share: 2, fixed: true },
    cell: ({ row }) => <IdentityName {...row.original.identity} linked={false} />,
  }),
  column.accessor("risk", { header: "Holds", meta: { width: 104, level: 2, card: "inline" }, cell: ({ row }) => <Risk risk={row.original.risk} /> }),
  column.accessor("asked", { header: "Asked", meta: { share: 1.4, card: "line" } }),
  column.accessor("decision", { header: "Decision", meta: { share: 2.4, card: "aside" }, cell: ({ row }) => <How row={row.original} /> }),
]);

function Risk({ risk }: { risk: number }) {
  const level = levelOf(risk);
  return level ? <SensitivityMark level={level} /> : <span>nothing</span>;
}

function How({ row }: { row: Row }) {
  if (row.decision) {
    return (
      <span>
        {decisionWords[row.decision].done} by {row.decidedBy}
        {row.decidedAt ? <> <RelativeTime at={row.decidedAt} what="decided" /></> : null}
        {row.follow === "overdue" ? <> <StateBadge tone="caution">overdue</StateBadge></> : row.follow === "done" ? ", seen done" : row.follow === "said" ? ", said, not seen" : null}
      </span>
    );
  }
  if (row.state === "missed") return <StateBadge tone="caution" title={row.consequence ? consequenceWords[row.consequence] : undefined}>missed</StateBadge>;
  return <StateWord tone={row.state === "open" ? "waiting" : "neutral"}>{row.state === "void" ? "left out" : "open"}</StateWord>;
}

const stateWords = { open: "open", decided: "decided", missed: "missed", void: "left out" } as const;
const filters: readonly TableFilter[] = [{ key: "state", label: "State", options: itemStates.map((value) => ({ value, label: stateWords[value] })) }];

/** The items of one review in the house table. */
export function ItemTable({ reviewId, page, sort }: { reviewId: string; page: Page<ItemRow>; sort: Sort }) {
  return (
    <DataTable
      noun={["item", "items"]}
      columns={columns}
      page={{ ...page, rows: page.rows.map((row) => ({ ...row, reviewId })) }}
      sort={sort}
      sortWords={{ position: "exposure when it began" }}
      filters={filters}
      rowHref={(row) => `/reviews/${row.reviewId}/items/${row.id}` as Route}
      isTrouble={(row) => row.state === "missed" || row.follow === "overdue"}
      empty={<EmptyState small title="No items" why="Nothing of its population is left to show." />}
    />
  );
}
