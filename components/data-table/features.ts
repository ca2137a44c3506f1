"use client";

import {
  columnVisibilityFeature,
  createColumnHelper,
  metaHelper,
  type ReactTable,
  type RowData,
  rowSelectionFeature,
  type TableOptions,
  tableFeatures,
} from "@tanstack/react-table";

/** How a column of the house table looks and behaves. */
export type ColumnMeta = {
  /** Its name where the header is not plain text. */
  label?: string;
  /** Sorts by this key of the URL; the server does it. */
  sort?: string;
  /** Which way the first click sorts. */
  sortFirst?: "asc" | "desc";
  /** Share of the width; 1 when it says nothing. */
  share?: number;
  /** Fixed width in pixels, for times, numbers and marks. */
  width?: number;
  align?: "end";
  /** `2` goes below 1280 px, `3` below 1100 px: facts that the row can be read without. */
  level?: 2 | 3;
  /** On narrow screens: the card's title, beside it, in a row with others, a line with its label, or left out. */
  card?: "title" | "aside" | "inline" | "line" | "none";
  /** Always shown: cannot be chosen away. */
  fixed?: boolean;
};

/** What the house table can do in the browser. Sorting, filtering and paging are the server's. */
export const features = tableFeatures({
  columnVisibilityFeature,
  rowSelectionFeature,
  columnMeta: metaHelper<ColumnMeta>(),
});

export type Features = typeof features;

/** The columns of a table of `Row`s. */
export type Columns<Row extends RowData> = TableOptions<Features, Row>["columns"];

/** The table as its parts get it. */
export type HouseTable<Row extends RowData> = ReactTable<Features, Row>;

/** Helper that makes the columns of a table of `Row`s; call it at module level. */
export function columnsFor<Row extends RowData>() {
  return createColumnHelper<Features, Row>();
}
