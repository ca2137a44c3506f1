"use client";

import type { Route } from "next";
import Link from "next/link";
import { Fragment } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ExactTime } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { findingKinds } from "@/lib/findings/rules";
import type { LinkedFinding } from "@/lib/findings/types";
import { findingWords } from "@/lib/findings/words";
import type { Page, Sort } from "@/lib/platform/page";
import styles from "./findings.module.css";
import { SeeFinding } from "./see-finding";

const column = columnsFor<LinkedFinding>();

function About({ finding }: { finding: LinkedFinding }) {
  if (finding.identity) return <Link prefetch={false} href={`/identities/${finding.identity.id}`}>{finding.identity.name}</Link>;
  if (finding.system) return <Link prefetch={false} href={`/systems/${finding.system.id}`}>{finding.system.name}</Link>;
  return <>the installation</>;
}

function Controls({ finding: { controlLinks } }: { finding: LinkedFinding }) {
  return (
    <span className={styles.controls}>
      {controlLinks.map(({ id, slug }, index) => (
        <Fragment key={id}>
          {index > 0 ? ", " : ""}
          {slug ? <Link prefetch={false} href={`/evidence/controls/${slug}` as Route}>{id}</Link> : id}
        </Fragment>
      ))}
    </span>
  );
}

function LastUse({ finding: { lastUse, maySeeSource } }: { finding: LinkedFinding }) {
  if (!lastUse) return null;
  const { at, action, objects, from, source } = lastUse;
  return (
    <span className={styles.next}>
      Last: {action} {objects.join(", ")} at <ExactTime at={at} />
      {from ? ` from ${from}` : ""}, told by {maySeeSource ? <Link prefetch={false} href={`/evidence/sources/${source.id}` as Route}>{source.name}</Link> : source.name}
    </span>
  );
}

/** What makes it go away, or who looked at it and why it may rest. */
function Next({ finding: { closedAt, seen, kind } }: { finding: LinkedFinding }) {
  if (!seen) return <span className={styles.next}>{closedAt ? "closed" : findingWords[kind].next}</span>;
  return (
    <span className={styles.next}>
      {closedAt ? "closed; before, " : ""}seen by {seen.by} <RelativeTime at={seen.at} what="seen" />: {seen.reason}
    </span>
  );
}

const columns = column.columns([
  column.accessor("title", {
    header: "Finding",
    meta: { card: "title", share: 3, fixed: true },
    cell: ({ row: { original } }) => (
      <span className={styles.finding}>
        <span className={styles.title}>
          {original.chainId ? <Link prefetch={false} href={`/evidence/${original.chainId}` as Route} title="Open its chain of evidence">{original.title}</Link> : original.title}
        </span>
        <LastUse finding={original} />
        <Next finding={original} />
      </span>
    ),
  }),
  column.accessor("kind", { header: "Kind", meta: { share: 1, level: 2 }, cell: ({ row }) => <span className={styles.kind}>{findingWords[row.original.kind].name}</span> }),
  column.display({ id: "about", header: "About", meta: { share: 1 }, cell: ({ row }) => <About finding={row.original} /> }),
  column.accessor("controls", { header: "Evidence for", meta: { share: 1, level: 3 }, cell: ({ row }) => <Controls finding={row.original} /> }),
  column.accessor("openedAt", {
    header: "Open since",
    meta: { width: 132, sort: "opened", sortFirst: "desc", card: "inline" },
    cell: ({ row }) => <RelativeTime at={row.original.openedAt} what="opened" />,
  }),
  column.display({
    id: "see",
    header: "Look",
    meta: { width: 132, fixed: true, label: "Look" },
    cell: ({ row: { original } }) => (original.maySee ? <SeeFinding findingId={original.id} title={original.title} /> : null),
  }),
]);

const filters = [
  { key: "state", label: "State", options: [{ value: "open", label: "open" }, { value: "seen", label: "seen, stays a gap" }, { value: "closed", label: "closed" }] },
  { key: "kind", label: "Kind", options: findingKinds.map((kind) => ({ value: kind, label: findingWords[kind].name })) },
] as const;

/** Gaps that Curfew found, in the house table. */
export function FindingTable({ page, sort }: { page: Page<LinkedFinding>; sort: Sort }) {
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
