"use client";

import { type RowData, useTable } from "@tanstack/react-table";
import type { Route } from "next";
import { type ReactNode, useMemo, useRef } from "react";
import { formatPlural } from "@/lib/platform/format";
import type { Page, Sort } from "@/lib/platform/page";
import styles from "./data-table.module.css";
import { type Columns, features } from "./features";
import { NewRows, SelectionBar, TableEmpty } from "./table-notes";
import { TableBody } from "./table-body";
import { TableFoot } from "./table-foot";
import { TableHead } from "./table-head";
import { type TableFilter, TableTools } from "./table-tools";
import { useColumns } from "./columns/use-columns";
import { useListUrl } from "./use-list-url";
import { type OpenRow, useOpenRow } from "./use-open-row";
import { useRowKeys } from "./use-row-keys";

export type DataTableProps<Row extends RowData & { id: string }> = {
  /** What the rows are, one and many: `["identity", "identities"]`. The browser remembers its choice of columns under the second. */
  noun: readonly [one: string, many: string];
  /** Made at module level with `columnsFor<Row>()`. One column has `card: "title"`: it carries the row's link. */
  columns: Columns<Row>;
  page: Page<Row>;
  sort: Sort;
  /** How each sort order is said: `{ lastActive: "last activity" }`. */
  sortWords?: Readonly<Record<string, string>>;
  filters?: readonly TableFilter[];
  /** Placeholder of the text search; without it there is none. */
  search?: string;
  rowHref?: (row: Row) => Route;
  /** Shown when there is nothing at all. Where filters hide everything, the table says so by itself. */
  empty: ReactNode;
  /** Rows that trouble: a red line at their start. */
  isTrouble?: (row: Row) => boolean;
  /** Rows can be selected, over pages; draws the bar for what is selected. */
  selection?: (selection: Selection) => ReactNode;
  /** Rows can be opened beside the list; draws what stands there. */
  beside?: (row: OpenRow | null) => ReactNode;
  /** Columns that are not shown until somebody chooses them. */
  hiddenAtFirst?: readonly string[];
  /** Address that counts the values of a filter. */
  facets?: string;
  /** Stands at the end of the tools. */
  tools?: ReactNode;
  /** Rows that came since: announced, and inserted when asked for. */
  fresh?: { readonly count: number; readonly show: () => void };
};

/** The rows that are selected, on this page and on others. */
export type Selection = {
  readonly ids: readonly string[];
  readonly clear: () => void;
  readonly add: (ids: readonly string[]) => void;
};

const none: readonly string[] = [];

/**
 * The table of the house. The server sorts, filters and pages; everything is in the URL and every way on is a real
 * link. Below 768 px each row becomes a card.
 */
export function DataTable<Row extends RowData & { id: string }>(props: DataTableProps<Row>) {
  const { noun, columns, page, sort, filters = [], search, fresh } = props;
  const root = useRef<HTMLTableElement>(null);
  const url = useListUrl();
  const drawn = useColumns(noun[1], props.hiddenAtFirst ?? none);
  const columnVisibility = useMemo(() => Object.fromEntries(drawn.hidden.map((id) => [id, false])), [drawn.hidden]);
  const beside = useOpenRow(useMemo(() => page.rows.map(({ id }) => id), [page.rows]));
  const table = useTable({
    features,
    columns,
    data: page.rows,
    getRowId: (row: Row) => row.id,
    enableRowSelection: props.selection !== undefined,
    state: { columnVisibility },
  });
  useRowKeys(root, { select: (id) => table.getRow(id).toggleSelected(), open: props.beside ? beside.open : undefined });
  const selected = Object.keys(table.state.rowSelection);
  const isFiltered = (search !== undefined && url.current.includes("q=")) || filters.some(({ key }) => url.current.includes(`${key}=`));
  const label = noun[1];

  return (
    <div className={styles.root} aria-busy={url.isPending || undefined}>
      <TableTools table={table} noun={noun} filters={filters} search={search} total={page.total} sort={sort} url={url} columns={drawn} facets={props.facets} tools={props.tools} />
      <NewRows noun={noun} fresh={fresh} />
      {page.rows.length === 0 ? (
        <TableEmpty noun={label} isFiltered={isFiltered} filters={filters} url={url} empty={props.empty} />
      ) : (
        <>
          {/* Explicit roles: the narrow layout's `display` would take the native ones away. */}
          <table ref={root} className={styles.table} role="table" aria-label={label} data-pending={url.isPending || undefined}>
            <TableHead table={table} sort={sort} url={url} isSelectable={props.selection !== undefined} columns={drawn} />
            <TableBody
              table={table}
              rowHref={props.rowHref}
              isTrouble={props.isTrouble}
              isSelectable={props.selection !== undefined}
              onOpen={props.beside ? beside.open : undefined}
              openId={props.beside ? beside.row?.id : undefined}
            />
          </table>
          <TableFoot page={page} noun={noun} url={url} />
        </>
      )}
      <span role="status" className="visually-hidden">
        {url.isPending ? "" : `${formatPlural(page.rows.length, ...noun)} shown, sorted by ${props.sortWords?.[sort.key] ?? sort.key}`}
      </span>
      {props.selection && selected.length > 0 ? (
        <SelectionBar>
          {props.selection({
            ids: selected,
            clear: () => table.resetRowSelection(true),
            add: (ids) => table.setRowSelection((before) => ({ ...before, ...Object.fromEntries(ids.map((id) => [id, true])) })),
          })}
        </SelectionBar>
      ) : null}
      {props.beside?.(beside.row)}
    </div>
  );
}
