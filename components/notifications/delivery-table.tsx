"use client";

import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Act } from "@/components/ui/form/act";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import { resendDeliveryAction } from "@/lib/notifications/actions";
import type { DeliveryRow } from "@/lib/notifications/types";
import { formatPlural } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import { failureWords, webhookRefusals } from "./words";

const column = columnsFor<DeliveryRow>();

function State({ row }: { row: DeliveryRow }) {
  const why = row.failure === null ? "" : failureWords(row.failure, row.status);
  switch (row.state) {
    case "dead":
      return <StateBadge tone="stuck" title={why}>not delivered</StateBadge>;
    case "sent":
      return <StateWord tone="proven">delivered</StateWord>;
    case "void":
      return <StateWord tone="neutral">not needed any more</StateWord>;
    case "waiting":
    case "sending":
      return <StateWord tone="waiting">{row.dueAt ? <>tried <RelativeTime at={row.dueAt} what="tried next" /></> : "being sent"}</StateWord>;
  }
}

const columnsWith = (mayManage: boolean) =>
  column.columns([
    column.accessor("title", { header: "Message", meta: { card: "title", share: 3, fixed: true }, cell: ({ row }) => row.original.title }),
    column.accessor("to", { header: "To", meta: { share: 1 }, cell: ({ row }) => `${row.original.to}${row.original.channel === "mail" ? " (mail)" : ""}` }),
    column.accessor("state", { header: "State", meta: { share: 1 }, cell: ({ row }) => <State row={row.original} /> }),
    column.accessor("failure", {
      header: "Last failure",
      meta: { share: 2, level: 2 },
      cell: ({ row: { original } }) => (original.failure ? `${failureWords(original.failure, original.status)}, ${formatPlural(original.attempts, "attempt")}` : ""),
    }),
    column.accessor("createdAt", { header: "Since", meta: { width: 120, sort: "made", sortFirst: "desc", card: "inline" }, cell: ({ row }) => <RelativeTime at={row.original.createdAt} what="told" /> }),
    ...(mayManage
      ? [
          column.display({
            id: "resend",
            header: "Again",
            meta: { width: 130 },
            cell: ({ row: { original } }) =>
              original.state === "dead" ? (
                <Act action={resendDeliveryAction} fields={{ deliveryId: original.id }} pendingText="Sending…" label={`Send again: ${original.title}`} refusals={webhookRefusals}>
                  Send again
                </Act>
              ) : null,
          }),
        ]
      : []),
  ]);

const filters = [
  { key: "state", label: "State", options: [{ value: "dead", label: "not delivered" }, { value: "waiting", label: "waiting" }, { value: "sent", label: "delivered" }] },
] as const;

const [columns, columnsToRead] = [columnsWith(true), columnsWith(false)];

/** What was or is to be sent outside; what could not be delivered can be sent again. */
export function DeliveryTable({ page, sort, mayManage }: { page: Page<DeliveryRow>; sort: Sort; mayManage: boolean }) {
  return (
    <DataTable
      noun={["message", "messages"]}
      columns={mayManage ? columns : columnsToRead}
      page={page}
      sort={sort}
      sortWords={{ made: "when it was told" }}
      filters={filters}
      empty={<EmptyState title="Everything was delivered" why="A message that its receiver does not take is tried nine times in about 30 hours; after that it is listed here, to be sent again." />}
    />
  );
}
