"use client";

import { IconArrowsSort, IconCheck, IconColumns3, IconX } from "@tabler/icons-react";
import type { RowData } from "@tanstack/react-table";
import type { ReactNode } from "react";
import { Popover } from "@/components/ui/overlay/popover";
import menu from "@/components/ui/overlay/menu.module.css";
import { type CappedCount, formatCapped } from "@/lib/platform/format";
import type { Sort } from "@/lib/platform/page";
import type { HouseTable } from "./features";
import { TableSearch } from "./table-search";
import type { ColumnState } from "./columns/use-columns";
import { FilterMenu, MoreFilters, sayWord, type TableFilter, toggled } from "./filters/filter-menu";
import styles from "./table-tools.module.css";
import { type ListUrl, wordsOf } from "./use-list-url";

export type { TableFilter } from "./filters/filter-menu";

type TableToolsProps<Row extends RowData> = {
  table: HouseTable<Row>;
  noun: readonly [one: string, many: string];
  filters: readonly TableFilter[];
  search: string | undefined;
  total: CappedCount | null;
  sort: Sort;
  url: ListUrl;
  columns: ColumnState;
  facets: string | undefined;
  tools: ReactNode;
};

/** Search, filters, the choice of columns; below them what is filtered by, as chips that can be taken off. */
export function TableTools<Row extends RowData>(props: TableToolsProps<Row>) {
  const { filters, search, url, total, noun, facets } = props;
  return (
    <div className={styles.tools}>
      <div className={styles.bar}>
        {search === undefined ? null : <TableSearch placeholder={search} url={url} />}
        {filters.filter(({ isMinor }) => !isMinor).map((filter) => (
          <FilterMenu key={filter.key} filter={filter} url={url} facets={facets} />
        ))}
        <MoreFilters filters={filters.filter(({ isMinor }) => isMinor)} url={url} facets={facets} />
        <SortMenu {...props} />
        <ColumnMenu {...props} />
        {props.tools}
        {total === null ? null : (
          <span className={styles.total}>
            {formatCapped(total)} {total.count === 1 && !total.capped ? noun[0] : noun[1]}
          </span>
        )}
      </div>
      <Chips filters={filters} url={url} />
    </div>
  );
}

function ColumnMenu<Row extends RowData>({ table, columns: { hidden, hide } }: TableToolsProps<Row>) {
  const columns = table.getAllLeafColumns().filter((column) => !column.columnDef.meta?.fixed);
  const label = (
    <>
      <IconColumns3 size={14} aria-hidden />
      Columns
    </>
  );
  return (
    <span className={styles.columns}>
      <Popover label={label} align="end">
        <fieldset className={styles.options}>
          <legend className="visually-hidden">Columns to show</legend>
          {columns.map((column) => {
            const { meta, header } = column.columnDef;
            return (
              <label key={column.id} className={menu.item}>
                <input
                  type="checkbox"
                  checked={column.getIsVisible()}
                  onChange={() =>
                    hide(column.getIsVisible() ? [...hidden, column.id] : hidden.filter((id) => id !== column.id))
                  }
                />
                {meta?.label ?? (typeof header === "string" ? header : column.id)}
              </label>
            );
          })}
        </fieldset>
      </Popover>
    </span>
  );
}

/** Where the head with its arrows is not shown. */
function SortMenu<Row extends RowData>({ table, sort, url }: TableToolsProps<Row>) {
  const options = table.getAllLeafColumns().flatMap(({ id, columnDef: { meta, header } }) => {
    if (meta?.sort === undefined) return [];
    const name = meta.label ?? (typeof header === "string" ? header : id);
    return [
      { value: meta.sort, text: `${name}, upwards`, isOn: sort.key === meta.sort && sort.direction === "asc" },
      { value: `-${meta.sort}`, text: `${name}, downwards`, isOn: sort.key === meta.sort && sort.direction === "desc" },
    ];
  });
  if (options.length === 0) return null;
  const label = (
    <>
      <IconArrowsSort size={14} aria-hidden />
      Sort
    </>
  );
  return (
    <span className={styles.sort}>
      <Popover label={label}>
        {options.map((option) => (
          <a
            key={option.value}
            href={url.hrefWith({ sort: option.value })}
            onClick={url.follow({ sort: option.value })}
            className={menu.item}
            aria-current={option.isOn || undefined}
          >
            {option.text}
            {option.isOn ? <IconCheck size={14} aria-hidden className={menu.aside} /> : null}
          </a>
        ))}
      </Popover>
    </span>
  );
}

function Chips({ filters, url }: { filters: readonly TableFilter[]; url: ListUrl }) {
  const chips = filters.flatMap((filter) => {
    const chosen = wordsOf(url.current, filter.key);
    return chosen.map((word) => ({
      key: `${filter.key}:${word}`,
      text: `${filter.label}: ${sayWord(filter, word)}`,
      changes: { [filter.key]: toggled(chosen, word) },
    }));
  });
  if (chips.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label="Filtered by">
      {chips.map((chip) => (
        <li key={chip.key}>
          <a href={url.hrefWith(chip.changes)} onClick={url.follow(chip.changes)} className={styles.chip}>
            {chip.text}
            <IconX size={12} aria-hidden />
            <span className="visually-hidden">, take this filter off</span>
          </a>
        </li>
      ))}
      {chips.length > 1 ? (
        <li>
          <ClearFilters filters={filters} url={url} />
        </li>
      ) : null}
    </ul>
  );
}

/** Takes all filters off. */
export function ClearFilters({ filters, url }: { filters: readonly TableFilter[]; url: ListUrl }) {
  const changes = Object.fromEntries([["q", null], ...filters.map(({ key }) => [key, null] as const)]);
  return (
    <a href={url.hrefWith(changes)} onClick={url.follow(changes)} className={styles.clear}>
      Clear filters
    </a>
  );
}
