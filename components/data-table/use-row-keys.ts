"use client";

import type { RefObject } from "react";
import { useKeys } from "@/components/ui/keys/use-keys";

function linksIn(root: HTMLElement | null): HTMLElement[] {
  return root ? [...root.querySelectorAll<HTMLElement>("[data-row-link]")] : [];
}

/** `j` and `k` move the focus from row to row, `enter` opens by itself (the focus is on a link), `x` selects. */
export function useRowKeys(root: RefObject<HTMLElement | null>, select: (rowId: string) => void): void {
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
      const id = document.activeElement?.closest<HTMLElement>("tr[data-row]")?.dataset["row"];
      if (id && root.current?.contains(document.activeElement)) select(id);
    },
  });
}
