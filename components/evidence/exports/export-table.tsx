"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ButtonLink } from "@/components/ui/form/button";
import { CopyButton } from "@/components/ui/names/copy-button";
import { ClockTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import type { NamedExport } from "@/lib/evidence/types";
import { formatCount, formatPlural, formatUtc } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import { filterText } from "../words";
import styles from "./exports.module.css";
import { formatWords } from "./formats";

const column = columnsFor<NamedExport>();

const columns = column.columns([
  column.accessor("requestedAt", {
    header: "Asked for",
    meta: { width: 120, sort: "requested", sortFirst: "desc" },
    cell: ({ row }) => <ClockTime at={row.original.requestedAt} what="asked for" />,
  }),
  column.accessor("by", { header: "By", meta: { share: 1.8, card: "title", fixed: true } }),
  column.accessor("format", { header: "Format", meta: { width: 104 }, cell: ({ row }) => formatWords[row.original.format].name }),
  column.accessor("filter", {
    header: "Filter",
    meta: { share: 2 },
    cell: ({ row }) => <span title={filterText(row.original.filter, row.original.named)}>{filterText(row.original.filter, row.original.named)}</span>,
  }),
  column.accessor("rows", {
    header: "Rows",
    meta: { width: 88, align: "end" },
    cell: ({ row }) => (row.original.rows === null ? "—" : formatCount(row.original.rows)),
  }),
  column.accessor("asOf", {
    header: "As of position",
    meta: { width: 120, align: "end", level: 3 },
    cell: ({ row }) => (row.original.asOf === null ? "—" : formatCount(BigInt(row.original.asOf))),
  }),
  column.accessor("sha256", {
    header: "SHA-256",
    meta: { width: 168, level: 2 },
    cell: ({ row }) => <Hash sha256={row.original.sha256} />,
  }),
  column.accessor("state", { header: "State", meta: { width: 112, card: "aside" }, cell: ({ row }) => <State row={row.original} /> }),
  column.display({ id: "file", header: "File", meta: { width: 196, label: "File" }, cell: ({ row }) => <File row={row.original} /> }),
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

const failureWords: Readonly<Record<string, string>> = {
  "no-permission": "Whoever asked for it may no longer export: nothing was written",
  "broke-off-again": "It was begun five times and broke off each time: ask for it again, or tell an administrator",
  "went-wrong": "Something went wrong on our side and nothing of it was kept: ask for it again, or tell an administrator",
};

/** Why it broke off, in words. */
function failureText(failure: string | null): string {
  const position = /^ledger-fault:[a-z-]+:(\d+)$/.exec(failure ?? "")?.[1];
  if (position !== undefined) return `The ledger is not as it was signed: first seen at position ${position}. No file was written; tell an administrator`;
  return failureWords[failure ?? ""] ?? "It broke off and nothing of it was kept";
}

function State({ row: { state, counts, failure } }: { row: NamedExport }) {
  const held = counts ? `${formatPlural(counts.grants, "grant")}, ${formatPlural(counts.requests, "request")}, ${formatPlural(counts.refusedAsks, "refused ask")}` : undefined;
  switch (state) {
    case "complete":
    case "expired":
      return <StateWord tone="proven" title={held}>complete</StateWord>;
    case "queued":
      return <StateWord tone="waiting">waits</StateWord>;
    case "running":
      return <StateWord tone="ending">running</StateWord>;
    case "cancelled":
      return <StateWord tone="neutral">cancelled</StateWord>;
    case "failed":
      return <StateBadge tone="stuck" title={failureText(failure)}>broke off</StateBadge>;
  }
}

function File({ row: { id, state, isOwn, fileName, expiresAt, format } }: { row: NamedExport }) {
  if (state === "expired") return <span className={styles.quiet} title={expiresAt ? `Removed ${formatUtc(expiresAt)}` : undefined}>expired</span>;
  if (state !== "complete" || !isOwn) return "—";
  const until = expiresAt ? ` · kept until ${formatUtc(expiresAt)}` : "";
  return (
    <span className={styles.file}>
      <a href={`/api/evidence/exports/${id}`} download title={`${fileName ?? ""}${until}`} aria-label={`Download the ${formatWords[format].name} file`}>
        Download
      </a>
      <a href={`/api/evidence/exports/${id}/report-card`} download aria-label={`Report card of the ${formatWords[format].name} file`}>
        Report card
      </a>
    </span>
  );
}

/** Who took which evidence out, when, and how to know the file again. */
export function ExportTable({ page, sort }: { page: Page<NamedExport>; sort: Sort }) {
  return (
    <DataTable
      noun={["export", "exports"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ requested: "time of asking" }}
      isTrouble={({ state }) => state === "failed"}
      empty={
        <EmptyState
          title="No exports yet"
          why="Each export of evidence is an event of the ledger and stands here: who took it, what it was filtered by, as of which position, and the hash of its file."
          next={<ButtonLink href={"/evidence" as Route}>Open the evidence</ButtonLink>}
        />
      }
    />
  );
}
