"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import { CopyButton } from "@/components/ui/names/copy-button";
import { ClockTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { ExportRow } from "@/lib/evidence/types";
import { formatCount, formatPlural } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import { filterText } from "../words";
import styles from "./exports.module.css";

const column = columnsFor<ExportRow>();
const formatWords = { csv: "CSV", jsonl: "JSON Lines" } as const satisfies Record<ExportRow["format"], string>;

const columns = column.columns([
  column.accessor("startedAt", {
    header: "Started",
    meta: { width: 128, sort: "started", sortFirst: "desc" },
    cell: ({ row }) => <ClockTime at={row.original.startedAt} what="started" />,
  }),
  column.accessor("by", { header: "By", meta: { share: 1, card: "title", fixed: true } }),
  column.accessor("filter", {
    header: "Filter",
    meta: { share: 2.4 },
    cell: ({ row }) => <span title={filterText(row.original.filter)}>{filterText(row.original.filter)}</span>,
  }),
  column.accessor("format", { header: "Format", meta: { width: 104, level: 2 }, cell: ({ row }) => formatWords[row.original.format] }),
  column.accessor("rows", {
    header: "Rows",
    meta: { width: 96, align: "end" },
    cell: ({ row }) => (row.original.rows === null ? "—" : formatCount(row.original.rows)),
  }),
  column.accessor("asOf", {
    header: "As of position",
    meta: { width: 128, align: "end", level: 3 },
    cell: ({ row }) => formatCount(BigInt(row.original.asOf)),
  }),
  column.accessor("sha256", {
    header: "SHA-256 of the data",
    meta: { share: 1.2, level: 2 },
    cell: ({ row }) => <Hash sha256={row.original.sha256} />,
  }),
  column.accessor("state", { header: "State", meta: { width: 132, card: "aside" }, cell: ({ row }) => <State row={row.original} /> }),
]);

function Hash({ sha256 }: { sha256: string | null }) {
  if (sha256 === null) return "—";
  return (
    <span className={styles.hash}>
      <code title={sha256}>{sha256.slice(0, 12)}…</code>
      <CopyButton value={sha256} label="Copy the SHA-256" />
    </span>
  );
}

function State({ row: { state, counts } }: { row: ExportRow }) {
  switch (state) {
    case "complete":
      return <StateWord tone="proven" title={counts ? `${formatPlural(counts.grants, "grant")}, ${formatPlural(counts.requests, "request")}, ${formatPlural(counts.refusedAsks, "refused ask")}` : undefined}>complete</StateWord>;
    case "running":
      return <StateWord tone="ending">running</StateWord>;
    case "failed":
      return <StateBadge tone="stuck" title="It broke off before its last byte: whatever was received is not whole">broke off</StateBadge>;
    case "unknown":
      return <StateBadge tone="stuck" title="Its process stopped before it could say how it ended">end not known</StateBadge>;
  }
}

/** Who took which evidence out, when, and how to know the file again. */
export function ExportTable({ page, sort }: { page: Page<ExportRow>; sort: Sort }) {
  return (
    <DataTable
      noun={["export", "exports"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ started: "start" }}
      isTrouble={({ state }) => state === "failed" || state === "unknown"}
      empty={
        <EmptyState
          title="No exports yet"
          why="Each export of evidence is an event of the ledger and stands here: who took it, what it was filtered by, as of which position, and the hash of its data."
          next={<ButtonLink href={"/evidence" as Route}>Open the evidence</ButtonLink>}
        />
      }
    />
  );
}
