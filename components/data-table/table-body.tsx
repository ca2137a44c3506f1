"use client";

import type { Cell, Row as TableRow, RowData } from "@tanstack/react-table";
import type { Route } from "next";
import Link from "next/link";
import styles from "./data-table.module.css";
import type { Features, HouseTable } from "./features";
import { tableRoles } from "./table-roles";

type TableBodyProps<Row extends RowData> = {
  table: HouseTable<Row>;
  rowHref: ((row: Row) => Route) | undefined;
  isTrouble: ((row: Row) => boolean) | undefined;
  isSelectable: boolean;
};

/** The rows; the link in the title cell covers its whole row. */
export function TableBody<Row extends RowData>(props: TableBodyProps<Row>) {
  const { table, isSelectable, isTrouble } = props;
  return (
    <tbody {...tableRoles.group}>
      {table.getRowModel().rows.map((row) => (
        <tr
          key={row.id}
          {...tableRoles.row}
          className={styles.row}
          data-row={row.id}
          data-linked={props.rowHref !== undefined || undefined}
          data-trouble={isTrouble?.(row.original) || undefined}
          aria-selected={isSelectable ? row.getIsSelected() : undefined}
        >
          {isSelectable ? <SelectCell row={row} /> : null}
          {row.getVisibleCells().map((cell) => (
            <BodyCell key={cell.id} cell={cell} table={table} href={props.rowHref?.(row.original)} />
          ))}
        </tr>
      ))}
    </tbody>
  );
}

function SelectCell<Row extends RowData>({ row }: { row: TableRow<Features, Row> }) {
  return (
    <td {...tableRoles.cell} className={styles.selectCell}>
      <input
        type="checkbox"
        className={styles.check}
        aria-label="Select this row"
        checked={row.getIsSelected()}
        disabled={!row.getCanSelect()}
        onChange={row.getToggleSelectedHandler()}
      />
    </td>
  );
}

type BodyCellProps<Row extends RowData> = {
  cell: Cell<Features, Row>;
  table: HouseTable<Row>;
  href: Route | undefined;
};

function BodyCell<Row extends RowData>({ cell, table, href }: BodyCellProps<Row>) {
  const { meta, header } = cell.column.columnDef;
  const card = meta?.card ?? "line";
  const content = <table.FlexRender cell={cell} />;
  return (
    <td
      {...tableRoles.cell}
      className={styles.cell}
      data-align={meta?.align}
      data-level={meta?.level}
      data-card={card}
      data-label={meta?.label ?? (typeof header === "string" ? header : "")}
    >
      {card === "title" && href ? (
        <Link href={href} prefetch={false} data-row-link className={styles.rowLink}>
          {content}
        </Link>
      ) : (
        content
      )}
    </td>
  );
}
