"use client";

import type { Route } from "next";
import { DataTable } from "@/components/data-table/data-table";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import type { FilterNames, IdentityRow } from "@/lib/identities/views/list-types";
import type { Page, Sort } from "@/lib/platform/page";
import { columns, hiddenAtFirst, sortWords } from "./list/columns";
import { IdentityDrawer } from "./list/drawer";
import { ExportButton } from "./list/export-button";
import { filtersOf } from "./list/filters";
import { IdentitySelection } from "./list/selection";

type IdentityTableProps = {
  page: Page<IdentityRow>;
  sort: Sort;
  names: FilterNames;
  may: { readonly seeReach: boolean; readonly edit: boolean; readonly export: boolean; readonly review: boolean };
};

/** Every identity, in the house table. */
export function IdentityTable({ page, sort, names, may }: IdentityTableProps) {
  return (
    <DataTable
      noun={["identity", "identities"]}
      columns={columns}
      page={page}
      sort={sort}
      sortWords={sortWords}
      filters={filtersOf(names, may.seeReach)}
      search="Search names, keys, tags"
      rowHref={(row) => `/identities/${row.id}` as Route}
      isTrouble={(row) => row.state === "unowned" || row.state === "orphaned"}
      hiddenAtFirst={hiddenAtFirst}
      facets="/api/identities/facets"
      tools={may.export ? <ExportButton total={page.total} /> : null}
      beside={(row) => <IdentityDrawer row={row} known={page.rows.find(({ id }) => id === row?.id) ?? null} />}
      selection={(selection) => <IdentitySelection selection={selection} total={page.total} mayEdit={may.edit} mayReview={may.review} />}
      empty={
        <EmptyState
          title="No identities yet"
          why="Curfew finds them by itself once a system is connected: every login role, key and bot that the system knows."
        />
      }
    />
  );
}
