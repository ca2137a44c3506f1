"use client";

import { useState } from "react";
import { useSearchParams } from "next/navigation";
import { useHiddenColumns } from "../use-list-url";
import { memoryText, type TableMemory } from "./table-memory";

/** Widths in pixels by column; empty: as the table was designed. */
export type Widths = Readonly<Record<string, number>>;

/**
 * Which columns are shown and how wide. The address says which are hidden, so that it can be shared; where it is silent,
 * this browser's own choice holds. Widths stay in the browser.
 */
export function useColumns(memory: TableMemory | undefined, hiddenAtFirst: readonly string[]) {
  const [inUrl, setInUrl] = useHiddenColumns();
  const isInUrl = useSearchParams().has("hide");
  const [own, setOwn] = useState<readonly string[]>(memory?.hidden ?? hiddenAtFirst);
  const [widths, setWidths] = useState<Widths>(memory?.widths ?? {});
  const hidden = isInUrl ? inUrl : own;

  function remember(next: { widths?: Widths; hidden?: readonly string[] }) {
    if (memory) document.cookie = memoryText({ name: memory.name, widths: next.widths ?? widths, hidden: next.hidden ?? hidden });
  }

  return {
    hidden,
    widths,
    hide(columns: string[]) {
      setOwn(columns);
      remember({ hidden: columns });
      void setInUrl(columns);
    },
    /** While a border is drawn. */
    draw: setWidths,
    /** Once it is let go. */
    keep(next: Widths) {
      setWidths(next);
      remember({ widths: next });
    },
    isResizable: memory !== undefined,
  };
}

export type ColumnState = ReturnType<typeof useColumns>;
