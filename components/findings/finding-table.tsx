"use client";

import Link from "next/link";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { findingKinds } from "@/lib/findings/rules";
import type { FindingRow } from "@/lib/findings/types";
import type { Page, Sort } from "@/lib/platform/page";
import styles from "./findings.module.css";
import { findingWords } from "./words";

const column = columnsFor<FindingRow>();

function About({ finding }: { finding: FindingRow }) {
  if (finding.identity) return <Link prefetch={false} href={`/identities/${finding.identity.id}`}>{finding.identity.name}</Link>;
  if (finding.system) return <Link prefetch={false} href={`/systems/${finding.system.id}`}>{finding.system.name}</Link>;
  return <>the installation</>;
}

const columns = column.columns([
  column.accessor("title", {
    header: "Finding",
    meta: { card: "title", share: 3, fixed: true },
    cell: ({ row: { original } }) => (
      <span className={styles.finding}>
        <span className={styles.title}>{original.title}</span>
        <span className={styles.next}>{original.closedAt ? "closed" : findingWords[original.kind].next}</span>
      </span>
    ),
  }),
  column.accessor("kind", { header: "Kind", meta: { share: 1, level: 2 }, cell: ({ row }) => findingWords[row.original.kind].name }),
  column.display({ id: "about", header: "About", meta: { share: 1 }, cell: ({ row }) => <About finding={row.original} /> }),
  column.accessor("controls", { header: "Evidence for", meta: { share: 1, level: 3 }, cell: ({ row }) => <span className={styles.controls}>{row.original.controls.join(", ")}</span> }),
  column.accessor("openedAt", {
    header: "Open since",
    meta: { width: 132, sort: "opened", sortFirst: "desc", card: "inline" },
    cell: ({ row }) => <RelativeTime at={row.original.openedAt} what="opened" />,
  }),
]);

const filters = [
  { key: "state", label: "State", options: [{ value: "open", label: "open" }, { value: "closed", label: "closed" }] },
  { key: "kind", label: "Kind", options: findingKinds.map((kind) => ({ value: kind, label: findingWords[kind].name })) },
] as const;

/** Gaps that Curfew found, in the house table. */
export function FindingTable({ page, sort }: { page: Page<FindingRow>; sort: Sort }) {
  return (
    <DataTable
      noun={["finding", "findings"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ opened: "when it was opened" }}
      filters={filters}
      empty={<EmptyState title="No open findings" why="Curfew looks for side doors, orphans, credentials that nothing explains, and ends that were not clean. What it finds is listed here until it is gone." />}
    />
  );
}
