"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { KindIcon, kindWords } from "@/components/ui/names/kind-icon";
import { ClockTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import { refusalText } from "@/lib/evidence/rules";
import type { EvidenceRow } from "@/lib/evidence/types";
import type { Page, Sort } from "@/lib/platform/page";
import { endReasonShort, outcomeOf } from "../words";
import { ChainDots } from "./chain-dots";
import styles from "./list.module.css";
import { SealMark } from "./seal-mark";

const column = columnsFor<EvidenceRow>();

const columns = column.columns([
  column.accessor("number", {
    header: "No.",
    meta: { width: 56, label: "Request", fixed: true },
    cell: ({ row }) => (row.original.number === null ? <span title="Refused before it became a request">—</span> : <span data-figures>{row.original.number}</span>),
  }),
  column.accessor("identity", {
    header: "Chain",
    meta: { card: "title", share: 3.4, fixed: true },
    cell: ({ row }) => <Chain row={row.original} />,
  }),
  column.accessor("askedAt", {
    header: "Asked",
    meta: { width: 124, sort: "asked", sortFirst: "desc" },
    cell: ({ row }) => <ClockTime at={row.original.askedAt} what="asked" />,
  }),
  column.accessor("requester", {
    header: "Asked by",
    meta: { share: 1.5, level: 3 },
    cell: ({ row }) => row.original.requester ?? "[erased person]",
  }),
  column.display({
    id: "links",
    header: "Links",
    meta: { width: 134, label: "Links" },
    cell: ({ row }) => (
      <span className={styles.links}>
        <ChainDots row={row.original} isTrouble={outcomeOf(row.original).isTrouble} />
        <SealMark seal={row.original.seal} />
      </span>
    ),
  }),
  column.accessor("grantState", {
    header: "Came to",
    meta: { width: 180, card: "aside" },
    cell: ({ row }) => <Outcome row={row.original} />,
  }),
  column.accessor("endReason", {
    header: "Because",
    meta: { width: 106, level: 2 },
    cell: ({ row }) => <Why row={row.original} />,
  }),
  column.accessor("sensitivity", {
    header: "Sensitivity",
    meta: { width: 100, level: 2 },
    cell: ({ row }) => (row.original.sensitivity ? <SensitivityMark level={row.original.sensitivity} /> : "—"),
  }),
  column.accessor("system", {
    header: "System",
    meta: { share: 1.4, level: 3 },
    cell: ({ row }) => row.original.system ?? "—",
  }),
]);

function Chain({ row }: { row: EvidenceRow }) {
  const { identity, entitlement, replaces, debt } = row;
  return (
    <span className={styles.chain} title={identity ? `${kindWords[identity.kind]} · ${row.chainId}` : row.chainId}>
      {identity ? <KindIcon kind={identity.kind} /> : null}
      <span className={styles.chainText}>
        {identity?.name ?? "unknown identity"} <span className={styles.arrow}>→</span> {entitlement ?? "unknown entitlement"}
        {replaces ? <span className={styles.aside}>issued again</span> : null}
        {debt ? <span className={styles.owed}>break-glass, review {debt.isOverdue ? "overdue" : "owed"}</span> : null}
      </span>
    </span>
  );
}

function Outcome({ row }: { row: EvidenceRow }) {
  const { tone, text, isTrouble } = outcomeOf(row);
  const Mark = isTrouble ? StateBadge : StateWord;
  return <Mark tone={tone}>{text}</Mark>;
}

function Why({ row }: { row: EvidenceRow }) {
  if (row.state === "refused") return refusalText(row.code);
  return row.endReason === null ? "—" : endReasonShort(row.endReason);
}

type EvidenceTableProps = { page: Page<EvidenceRow>; sort: Sort; isFiltered: boolean };

/** Every chain, whatever became of it, in the house table. */
export function EvidenceTable({ page, sort, isFiltered }: EvidenceTableProps) {
  return (
    <DataTable
      noun={["chain", "chains"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ asked: "time of asking" }}
      rowHref={(row) => `/evidence/${row.chainId}` as Route}
      isTrouble={(row) => outcomeOf(row).isTrouble || row.debt !== null}
      empty={
        isFiltered ? (
          <EmptyState title="No chains match" why="The filters above leave nothing over. Take one off, or clear them all." />
        ) : (
          <EmptyState title="No evidence yet" why="A chain begins with the first request: who asked, who decided, what was issued and used, and how its end was proven." />
        )
      }
    />
  );
}
