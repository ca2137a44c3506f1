"use client";

import { useState } from "react";
import { useSearchParams } from "next/navigation";
import { useHiddenColumns } from "../use-list-url";
import { useTableMemories } from "./table-memories";

/** Widths in pixels by column; empty: as the table was designed. */
export type Widths = Readonly<Record<string, number>>;

/**
 * Which columns are shown and how wide. The address says which are hidden, so that it can be shared; where it is silent,
 * this browser's own choice holds. Widths stay in the browser.
 */
export function useColumns(table: string, hiddenAtFirst: readonly string[]) {
  const memories = useTableMemories();
  const [inUrl, setInUrl] = useHiddenColumns();
  const isInUrl = useSearchParams().has("hide");
  const [own, setOwn] = useState(() => memories?.of(table).hidden ?? null);
  const [widths, setWidths] = useState<Widths>(() => memories?.of(table).widths ?? {});
  const hidden = isInUrl ? inUrl : (own ?? hiddenAtFirst);

  return {
    hidden,
    widths,
    hide(columns: string[]) {
      setOwn(columns);
      memories?.keep(table, { widths, hidden: columns });
      void setInUrl(columns);
    },
    /** While a border is drawn. */
    draw: setWidths,
    /** Once it is let go. */
    keep(next: Widths) {
      setWidths(next);
      memories?.keep(table, { widths: next, hidden: own });
    },
    isResizable: memories !== null,
  };
}

export type ColumnState = ReturnType<typeof useColumns>;
