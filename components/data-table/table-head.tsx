"use client";

import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { Header, RowData } from "@tanstack/react-table";
import type { Sort } from "@/lib/platform/page";
import { ColumnBorder } from "./columns/column-border";
import type { ColumnState } from "./columns/use-columns";
import styles from "./data-table.module.css";
import type { Features, HouseTable } from "./features";
import { tableRoles } from "./table-roles";
import { sortAfterClick } from "./table-url";
import type { ListUrl } from "./use-list-url";

type TableHeadProps<Row extends RowData> = {
  table: HouseTable<Row>;
  sort: Sort;
  url: ListUrl;
  isSelectable: boolean;
  columns: ColumnState;
};

/** Column widths and the sticky head; columns that the server can sort by are links. */
export function TableHead<Row extends RowData>({ table, sort, url, isSelectable, columns }: TableHeadProps<Row>) {
  const headers = table.getHeaderGroups().flatMap((group) => group.headers);
  const widthOf = widthsOf(headers, columns.widths);
  return (
    <>
      <colgroup>
        {isSelectable ? <col className={styles.selectColumn} /> : null}
        {headers.map((header) => {
          const meta = header.column.columnDef.meta;
          return <col key={header.id} data-level={meta?.level} style={{ width: widthOf(header) }} />;
        })}
      </colgroup>
      <thead className={styles.head} {...tableRoles.group}>
        <tr {...tableRoles.row}>
          {isSelectable ? (
            <th {...tableRoles.head} className={styles.headCell} scope="col">
              <input
                type="checkbox"
                className={styles.check}
                aria-label="Select all rows on this page"
                checked={table.getIsAllRowsSelected()}
                onChange={table.getToggleAllRowsSelectedHandler()}
              />
            </th>
          ) : null}
          {headers.map((header, index) => (
            <HeadCell key={header.id} table={table} header={header} sort={sort} url={url} columns={columns} isLast={index === headers.length - 1} />
          ))}
        </tr>
      </thead>
    </>
  );
}

function shareOf<Row extends RowData>(header: Header<Features, Row>): number {
  const meta = header.column.columnDef.meta;
  return meta?.width === undefined ? (meta?.share ?? 1) : 0;
}

function nameOf<Row extends RowData>({ column }: Header<Features, Row>): string {
  const { meta, header } = column.columnDef;
  return meta?.label ?? (typeof header === "string" ? header : column.id);
}

/** What a share of the width is taken for, where drawn widths and designed ones stand beside each other. */
const pixelsPerShare = 90;

/** As designed until a border was drawn; then all columns share the table as they were drawn. */
function widthsOf<Row extends RowData>(headers: readonly Header<Features, Row>[], drawn: ColumnState["widths"]): (header: Header<Features, Row>) => string {
  const isDrawn = headers.some((header) => drawn[header.column.id] !== undefined);
  if (!isDrawn) {
    const shares = headers.reduce((sum, header) => sum + shareOf(header), 0);
    return (header) => {
      const width = header.column.columnDef.meta?.width;
      return width === undefined ? `${(shareOf(header) / shares) * 100}%` : `${width}px`;
    };
  }
  const pixels = (header: Header<Features, Row>) => drawn[header.column.id] ?? header.column.columnDef.meta?.width ?? shareOf(header) * pixelsPerShare;
  const all = headers.reduce((sum, header) => sum + pixels(header), 0);
  return (header) => `${(pixels(header) / all) * 100}%`;
}

type HeadCellProps<Row extends RowData> = Omit<TableHeadProps<Row>, "isSelectable"> & { header: Header<Features, Row>; isLast: boolean };

function HeadCell<Row extends RowData>({ table, header, sort, url, columns, isLast }: HeadCellProps<Row>) {
  const meta = header.column.columnDef.meta;
  const text = <table.FlexRender header={header} />;
  const isSorted = meta?.sort !== undefined && meta.sort === sort.key;
  const Arrow = sort.direction === "asc" ? IconArrowUp : IconArrowDown;
  const changes = meta?.sort === undefined ? null : { sort: sortAfterClick(sort, meta.sort, meta.sortFirst ?? "asc") };
  return (
    <th
      {...tableRoles.head}
      scope="col"
      className={styles.headCell}
      data-column={header.column.id}
      data-align={meta?.align}
      data-level={meta?.level}
      // Else the border inside would be read out as part of the name.
      aria-label={typeof header.column.columnDef.header === "string" ? header.column.columnDef.header : undefined}
      aria-sort={isSorted ? (sort.direction === "asc" ? "ascending" : "descending") : undefined}
    >
      {changes ? (
        <a href={url.hrefWith(changes)} onClick={url.follow(changes)} className={styles.sort}>
          {text}
          <span className={styles.arrow} data-on={isSorted || undefined}>
            <Arrow size={14} stroke={2} aria-hidden />
          </span>
        </a>
      ) : (
        text
      )}
      {columns.isResizable && !isLast ? <ColumnBorder id={header.column.id} label={nameOf(header)} columns={columns} /> : null}
    </th>
  );
}
