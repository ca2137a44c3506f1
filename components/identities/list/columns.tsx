"use client";

import type { ReactNode } from "react";
import { columnsFor } from "@/components/data-table/features";
import { IdentityName } from "@/components/ui/names/identity-name";
import { kindWords } from "@/components/ui/names/kind-icon";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { IdentityRow } from "@/lib/identities/views/list-types";
import { IdentityStateMark } from "../identity-state";
import { LastUse } from "../last-use";
import styles from "./list.module.css";

const column = columnsFor<IdentityRow>();

/** Columns of the list of identities. What is not `fixed` can be chosen away; those of `hiddenAtFirst` wait to be chosen. */
export const columns = column.columns([
  column.accessor("name", {
    header: "Identity",
    meta: { card: "title", sort: "name", share: 3, fixed: true },
    cell: ({ row }) => <IdentityName {...row.original} linked={false} />,
  }),
  column.accessor("kind", {
    header: "Kind",
    meta: { width: 140, sort: "kind", level: 2, card: "inline" },
    cell: ({ row }) => kindWords[row.original.kind],
  }),
  column.accessor("environment", { header: "Environment", meta: { width: 118, sort: "environment", level: 3, card: "inline" } }),
  column.accessor("system", { header: "Seen on", meta: { share: 1.5, sort: "system", level: 2, card: "inline" }, cell: ({ row }) => row.original.system }),
  column.accessor("owner", { header: "Owner", meta: { share: 1.8, sort: "owner" }, cell: ({ row }) => <Owner row={row.original} /> }),
  column.accessor("sponsor", {
    header: "Sponsor",
    meta: { share: 1.5, card: "line" },
    cell: ({ row }) => (row.original.sponsor ? <PersonName person={row.original.sponsor} /> : <Nobody>nobody</Nobody>),
  }),
  column.accessor("team", { header: "Team", meta: { share: 1.2, sort: "team" }, cell: ({ row }) => row.original.team ?? <Nobody>no team</Nobody> }),
  column.accessor("tags", { header: "Tags", meta: { share: 1.5 }, cell: ({ row }) => row.original.tags.join(", ") }),
  column.accessor("firstSeenAt", {
    header: "First seen",
    meta: { width: 116, sort: "firstSeen", sortFirst: "desc" },
    cell: ({ row }) => <RelativeTime at={row.original.firstSeenAt} what="first seen" />,
  }),
  column.accessor("credentials", { header: "Credentials", meta: { width: 112, sort: "credentials", sortFirst: "desc", align: "end" } }),
  column.accessor(({ reach }) => reach?.entitlements ?? null, {
    id: "entitlements",
    header: "Entitlements",
    meta: { width: 118, sort: "entitlements", sortFirst: "desc", align: "end" },
    cell: ({ row }) => <Reach row={row.original}>{row.original.reach?.entitlements}</Reach>,
  }),
  column.accessor("lastActiveAt", {
    header: "Last active",
    meta: { width: 124, sort: "lastActive", sortFirst: "desc" },
    cell: ({ row }) => <LastUse at={row.original.lastActiveAt} visibleSince={row.original.visibleSince} short />,
  }),
  column.accessor("staleness", {
    header: "Staleness",
    meta: { width: 104, sort: "staleness", sortFirst: "desc", align: "end", level: 3, card: "line" },
    cell: ({ row }) => <Score value={row.original.staleness} />,
  }),
  column.accessor(({ reach }) => reach?.exposure ?? null, {
    id: "exposure",
    header: "Exposure",
    meta: { width: 104, sort: "exposure", sortFirst: "desc", align: "end", level: 3, card: "line" },
    cell: ({ row }) => (
      <Reach row={row.original}>
        <Score value={row.original.reach?.exposure ?? null} />
      </Reach>
    ),
  }),
  column.accessor("state", {
    header: "State",
    meta: { width: 132, sort: "state", card: "aside" },
    cell: ({ row }) => (row.original.vanishedAt ? <span title="The target no longer knows it">gone</span> : <IdentityStateMark state={row.original.state} />),
  }),
]);

/** Columns that wait to be chosen. */
export const hiddenAtFirst = ["sponsor", "team", "tags", "firstSeenAt", "credentials", "entitlements"] as const;

/** How each order is said to those who hear the page. */
export const sortWords = {
  name: "name", kind: "kind", environment: "environment", state: "state", owner: "owner", team: "team", system: "system", lastActive: "last activity",
  staleness: "staleness", exposure: "exposure", firstSeen: "first seen", credentials: "number of credentials", entitlements: "number of entitlements",
} as const;

function Owner({ row }: { row: IdentityRow }) {
  return row.owner ? <PersonName person={row.owner} /> : <Nobody>nobody</Nobody>;
}

const high = 75;

function Score({ value }: { value: number | null }) {
  if (value === null) return <span className={styles.quiet} title="Not computed yet">–</span>;
  return (
    <span data-high={value >= high || undefined} className={styles.score} title={`${value} of 100`}>
      {value}
    </span>
  );
}

function Reach({ row, children }: { row: IdentityRow; children: ReactNode }) {
  return row.reach ? children : <span className={styles.quiet} title="What it can reach is shown to its owner side, auditors and administrators">–</span>;
}
