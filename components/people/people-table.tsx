"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { columnsFor } from "@/components/data-table/features";
import type { TableFilter } from "@/components/data-table/table-tools";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { roles } from "@/lib/auth/permissions";
import type { Named, PersonRow } from "@/lib/people/types";
import { formatList, formatPlural } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";

const column = columnsFor<PersonRow>();

const columns = column.columns([
  column.accessor("name", {
    header: "Person",
    meta: { card: "title", sort: "name", share: 2, fixed: true },
    cell: ({ row }) => <PersonName person={{ ...row.original, hasLeft: row.original.leftAt !== null }} avatar />,
  }),
  column.accessor("email", { header: "Address", meta: { share: 2, level: 2, card: "line" } }),
  column.accessor("roles", {
    header: "Roles",
    meta: { share: 1.6, card: "line" },
    cell: ({ row }) => (row.original.roles.length > 0 ? formatList([...row.original.roles]) : <Nobody>no role: sees nothing</Nobody>),
  }),
  column.accessor("teams", { header: "Teams", meta: { share: 1.4, level: 2, card: "line" }, cell: ({ row }) => formatList([...row.original.teams]) }),
  column.accessor("passkeys", {
    header: "Passkeys",
    meta: { share: 0.8, level: 2, card: "line" },
    cell: ({ row }) => (row.original.passkeys > 0 ? row.original.passkeys : <Nobody>none</Nobody>),
  }),
  column.accessor("signIns", { header: "Now", meta: { share: 1.6, card: "line" }, cell: ({ row }) => <Presence person={row.original} /> }),
]);

function Presence({ person }: { person: PersonRow }) {
  const { leftAt, awayUntil, onCallFor, signIns } = person;
  if (leftAt) {
    return (
      <span>
        left <RelativeTime at={leftAt} what="left" />
      </span>
    );
  }
  return (
    <span>
      {onCallFor.length > 0 ? `on call for ${formatList([...onCallFor])}` : signIns > 0 ? `signed in on ${formatPlural(signIns, "browser")}` : "not signed in"}
      {awayUntil ? (
        <>
          {" · away, back "}
          <RelativeTime at={awayUntil} what="back" />
        </>
      ) : null}
    </span>
  );
}

function filtersOf(teams: readonly Named[]): TableFilter[] {
  return [
    { key: "role", label: "Role", options: [...roles.map((role) => ({ value: role, label: role })), { value: "none", label: "no role" }] },
    { key: "team", label: "Team", options: [...teams.map(({ id, name }) => ({ value: id, label: name })), { value: "none", label: "no team" }] },
    { key: "presence", label: "Here", options: [{ value: "here", label: "here" }, { value: "left", label: "left" }] },
    { key: "passkeys", label: "Passkeys", options: [{ value: "some", label: "has one" }, { value: "none", label: "has none" }] },
  ];
}

/** Everybody that Curfew knows, in the house table. */
export function PeopleTable({ page, sort, teams }: { page: Page<PersonRow>; sort: Sort; teams: readonly Named[] }) {
  return (
    <DataTable
      noun={["person", "people"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={{ name: "name" }}
      filters={filtersOf(teams)}
      search="Name or address"
      rowHref={(row) => `/people/${row.id}` as Route}
      empty={<EmptyState title="Nobody yet" why="A person appears here with their first sign-in, or when a directory sends them." />}
    />
  );
}
