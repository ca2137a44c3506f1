"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import type { TableFilter } from "@/components/data-table/table-tools";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { IdentityName } from "@/components/ui/names/identity-name";
import { kindWords } from "@/components/ui/names/kind-icon";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { type IdentityFacets, identityKinds, type IdentityRow, identityStates } from "@/lib/identities/types";
import type { Page, Sort } from "@/lib/platform/page";
import { IdentityStateMark } from "./identity-state";
import { LastUse } from "./last-use";
import { stateLook } from "./words";

const column = columnsFor<IdentityRow>();

const columns = column.columns([
  column.accessor("name", {
    header: "Identity",
    meta: { card: "title", sort: "name", share: 3, fixed: true },
    cell: ({ row }) => <IdentityName {...row.original} linked={false} />,
  }),
  column.accessor("kind", {
    header: "Kind",
    meta: { width: 132, level: 2, card: "inline" },
    cell: ({ row }) => kindWords[row.original.kind],
  }),
  column.accessor("environment", { header: "Environment", meta: { width: 116, level: 3, card: "inline" } }),
  column.accessor("system", {
    header: "Seen on",
    meta: { share: 1.6, level: 2, card: "inline" },
    cell: ({ row }) => row.original.system,
  }),
  column.accessor("owner", {
    header: "Owner",
    meta: { share: 2 },
    cell: ({ row }) => <Owner row={row.original} />,
  }),
  column.accessor("lastActiveAt", {
    header: "Last active",
    meta: { width: 132, sort: "lastActive", sortFirst: "desc" },
    cell: ({ row }) => <LastUse at={row.original.lastActiveAt} visibleSince={row.original.visibleSince} short />,
  }),
  column.accessor("state", {
    header: "State",
    meta: { width: 112, card: "aside" },
    cell: ({ row }) => (row.original.vanishedAt ? "gone" : <IdentityStateMark state={row.original.state} />),
  }),
]);

function Owner({ row }: { row: IdentityRow }) {
  if (!row.owner) return <Nobody>nobody</Nobody>;
  return (
    <span>
      <PersonName person={row.owner} />
      {row.team ? <span> · {row.team}</span> : null}
    </span>
  );
}

function filtersOf(facets: IdentityFacets): TableFilter[] {
  return [
    { key: "kind", label: "Kind", options: identityKinds.map((kind) => ({ value: kind, label: kindWords[kind] })) },
    {
      key: "environment",
      label: "Environment",
      options: facets.environments.map((environment) => ({ value: environment, label: environment })),
    },
    {
      key: "state",
      label: "State",
      options: identityStates.map((state) => ({ value: state, label: stateLook(state).word })),
    },
    {
      key: "owner",
      label: "Owner",
      options: [
        { value: "none", label: "nobody" },
        ...facets.owners.map(({ id, name }) => ({ value: id, label: name })),
      ],
    },
  ];
}

type IdentityTableProps = { page: Page<IdentityRow>; sort: Sort; facets: IdentityFacets };

/** Every identity, in the house table. */
export function IdentityTable({ page, sort, facets }: IdentityTableProps) {
  return (
    <DataTable
      noun={["identity", "identities"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ name: "name", lastActive: "last activity" }}
      filters={filtersOf(facets)}
      search="Search by name"
      rowHref={(row) => `/identities/${row.id}` as Route}
      isTrouble={(row) => row.state === "unowned" || row.state === "orphaned"}
      empty={
        <EmptyState
          title="No identities yet"
          why="Curfew finds them by itself once a system is connected: every login role, key and bot that the system knows."
        />
      }
    />
  );
}
