"use client";

import type { RefObject } from "react";
import { useKeys } from "@/components/ui/keys/use-keys";

function linksIn(root: HTMLElement | null): HTMLElement[] {
  return root ? [...root.querySelectorAll<HTMLElement>("[data-row-link]")] : [];
}

type RowActions = { readonly select: (rowId: string) => void; readonly open: ((rowId: string) => void) | undefined };

/** `j` and `k` move the focus from row to row, `enter` opens by itself (the focus is on a link), `x` selects, `o` opens beside. */
export function useRowKeys(root: RefObject<HTMLElement | null>, { select, open }: RowActions): void {
  /** The row that has the focus. */
  function focused(): string | undefined {
    if (!root.current?.contains(document.activeElement)) return undefined;
    return document.activeElement?.closest<HTMLElement>("tr[data-row]")?.dataset["row"];
  }

  function move(step: 1 | -1) {
    const links = linksIn(root.current);
    const current = links.findIndex((link) => link.closest("tr")?.contains(document.activeElement));
    const next = links[current === -1 ? (step === 1 ? 0 : links.length - 1) : current + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  useKeys({
    j: () => move(1),
    k: () => move(-1),
    x: () => {
      const id = focused();
      if (id) select(id);
    },
    ...(open && {
      o: () => {
        const id = focused();
        if (id) open(id);
      },
    }),
  });
}
