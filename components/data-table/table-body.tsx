"use client";

import { IconLayoutSidebarRightExpand } from "@tabler/icons-react";
import type { Cell, Row as TableRow, RowData } from "@tanstack/react-table";
import type { Route } from "next";
import Link from "next/link";
import type { KeyboardEvent } from "react";
import styles from "./data-table.module.css";
import type { Features, HouseTable } from "./features";
import { tableRoles } from "./table-roles";

type TableBodyProps<Row extends RowData> = {
  table: HouseTable<Row>;
  rowHref: ((row: Row) => Route) | undefined;
  isTrouble: ((row: Row) => boolean) | undefined;
  isSelectable: boolean;
  /** Opens a row beside the list. */
  onOpen: ((id: string) => void) | undefined;
  openId: string | undefined;
};

/** The rows; the link in the title cell covers its whole row. */
export function TableBody<Row extends RowData>(props: TableBodyProps<Row>) {
  const { table, isSelectable, isTrouble, onOpen } = props;
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
          data-open={row.id === props.openId || undefined}
          aria-selected={isSelectable ? row.getIsSelected() : undefined}
        >
          {isSelectable ? <SelectCell row={row} /> : null}
          {row.getVisibleCells().map((cell) => (
            <BodyCell key={cell.id} cell={cell} table={table} href={props.rowHref?.(row.original)} onOpen={onOpen} />
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

/** Space on a row's link would only scroll the page. */
function opensBySpace(id: string, onOpen: (id: string) => void) {
  return (event: KeyboardEvent) => {
    if (event.key !== " ") return;
    event.preventDefault();
    onOpen(id);
  };
}

type BodyCellProps<Row extends RowData> = {
  cell: Cell<Features, Row>;
  table: HouseTable<Row>;
  href: Route | undefined;
  onOpen: ((id: string) => void) | undefined;
};

function BodyCell<Row extends RowData>({ cell, table, href, onOpen }: BodyCellProps<Row>) {
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
        <>
          <Link href={href} prefetch={false} data-row-link className={styles.rowLink} onKeyDown={onOpen && opensBySpace(cell.row.id, onOpen)}>
            {content}
          </Link>
          {onOpen ? (
            <button type="button" className={styles.beside} title="Look at it beside the list (o)" aria-label="Look at it beside the list" tabIndex={-1} onClick={() => onOpen(cell.row.id)}>
              <IconLayoutSidebarRightExpand size={16} aria-hidden />
            </button>
          ) : null}
        </>
      ) : (
        content
      )}
    </td>
  );
}
