"use client";

import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import type { Header, RowData } from "@tanstack/react-table";
import type { Sort } from "@/lib/platform/page";
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
};

/** Column widths and the sticky head; columns that the server can sort by are links. */
export function TableHead<Row extends RowData>({ table, sort, url, isSelectable }: TableHeadProps<Row>) {
  const headers = table.getHeaderGroups().flatMap((group) => group.headers);
  const shares = headers.reduce((sum, header) => sum + shareOf(header), 0);
  return (
    <>
      <colgroup>
        {isSelectable ? <col className={styles.selectColumn} /> : null}
        {headers.map((header) => {
          const meta = header.column.columnDef.meta;
          const width = meta?.width === undefined ? `${(shareOf(header) / shares) * 100}%` : `${meta.width}px`;
          return <col key={header.id} data-level={meta?.level} style={{ width }} />;
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
          {headers.map((header) => (
            <HeadCell key={header.id} table={table} header={header} sort={sort} url={url} />
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

type HeadCellProps<Row extends RowData> = Omit<TableHeadProps<Row>, "isSelectable"> & { header: Header<Features, Row> };

function HeadCell<Row extends RowData>({ table, header, sort, url }: HeadCellProps<Row>) {
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
      data-align={meta?.align}
      data-level={meta?.level}
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
    </th>
  );
}
