"use client";

import type { Route } from "next";
import { type ReactNode, useState } from "react";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import type { TableFilter } from "@/components/data-table/table-tools";
import { LiveRefresh } from "@/components/live/live-events";
import { IdentityName } from "@/components/ui/names/identity-name";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { SensitivityMark } from "@/components/ui/truth/sensitivity-mark";
import { sensitivities } from "@/lib/entitlements/types";
import type { Page, Sort } from "@/lib/platform/page";
import { type RequestPhase, requestPhases, type RequestRow } from "@/lib/requests/views/types";
import { RequestStateMark } from "./request-state";

const column = columnsFor<RequestRow>();

const identity = column.accessor((row) => row.identity.name, {
  id: "identity",
  header: "Identity",
  meta: { card: "title", share: 1.8, fixed: true },
  cell: ({ row }) => <IdentityName {...row.original.identity} linked={false} />,
});
const entitlement = column.accessor("entitlement", {
  header: "Wants to",
  meta: { share: 2 },
  cell: ({ row }) => <span title={`on ${row.original.system}`}>{row.original.entitlement}</span>,
});
const sensitivity = column.accessor("sensitivity", {
  header: "Sensitivity",
  meta: { width: 108, level: 2 },
  cell: ({ row }) => <SensitivityMark level={row.original.sensitivity} />,
});
const duration = column.accessor("durationSeconds", {
  header: "For",
  meta: { width: 88, level: 2 },
  cell: ({ row }) => <Duration seconds={row.original.durationSeconds} />,
});
const asker = column.accessor("asker", { header: "Asked by", meta: { share: 1.4, level: 2 } });
const submitted = column.accessor("submittedAt", {
  header: "Asked",
  meta: { width: 104, sort: "submitted", sortFirst: "desc" },
  cell: ({ row }) => <RelativeTime at={row.original.submittedAt} what={`request ${row.original.number}, asked`} />,
});
const state = column.accessor("state", {
  header: "State",
  meta: { share: 1.9, card: "aside" },
  cell: ({ row }) => <State row={row.original} />,
});

const columns = column.columns([identity, entitlement, sensitivity, duration, asker, submitted, state]);
const ownColumns = column.columns([identity, entitlement, sensitivity, duration, submitted, state]);

function State({ row }: { row: RequestRow }) {
  return (
    <span title={row.state === "pending" && row.waitsFor ? `It waits for ${row.waitsFor}` : undefined}>
      <RequestStateMark state={row.state} grantState={row.grantState} />
    </span>
  );
}

const phaseWords = {
  waiting: "waits for a decision",
  ready: "ready to activate",
  live: "live",
  ending: "ending, not proven yet",
  over: "over",
  denied: "denied",
  withdrawn: "withdrawn",
  lapsed: "lapsed",
} satisfies Record<RequestPhase, string>;

const filters: readonly TableFilter[] = [
  { key: "phase", label: "State", options: requestPhases.map((value) => ({ value, label: phaseWords[value] })) },
  { key: "sensitivity", label: "Sensitivity", options: sensitivities.map((value) => ({ value, label: value })) },
];

type RequestTableProps = { page: Page<RequestRow>; sort: Sort; isOwn: boolean; empty: ReactNode };

const troubles: readonly (string | null)[] = ["stuck", "not-provable", "forced", "expired-unproven"];

/** Requests in the house table. States change in place; new rows are announced and come when asked for. */
export function RequestTable({ page, sort, isOwn, empty }: RequestTableProps) {
  const [held, setHeld] = useState(page.rows);
  const newest = new Map(page.rows.map((row) => [row.id, row]));
  const rows = held.map((row) => newest.get(row.id) ?? row);
  const known = new Set(held.map(({ id }) => id));
  const count = page.rows.filter(({ id }) => !known.has(id)).length;
  return (
    <>
      <LiveRefresh kinds={["request.", "grant."]} />
      <DataTable
        noun={["request", "requests"]}
        columns={isOwn ? ownColumns : columns}
        page={{ ...page, rows }}
        sort={sort}
        filters={filters}
        rowHref={(row) => `/requests/${row.id}` as Route}
        isTrouble={(row) => troubles.includes(row.grantState)}
        empty={empty}
        fresh={{ count, show: () => setHeld(page.rows) }}
      />
    </>
  );
}
