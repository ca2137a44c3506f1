"use client";

import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

/** One row that stands open beside the list, and the ways from it. */
export type OpenRow = {
  readonly id: string;
  /** Its place among the rows of this page, from 1; null where it is not among them. */
  readonly place: number | null;
  readonly of: number;
  readonly next: (() => void) | null;
  readonly previous: (() => void) | null;
  readonly close: () => void;
};

function setOpen(id: string | null, how: "push" | "replace"): void {
  const url = new URL(window.location.href);
  if (id === null) url.searchParams.delete("open");
  else url.searchParams.set("open", id);
  // The rows stay as they are: only the address changes, without asking the server.
  if (how === "push") window.history.pushState(null, "", url);
  else window.history.replaceState(null, "", url);
}

function focusRow(id: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(id)}"] [data-row-link]`)?.focus());
}

/** From the row that the address says now: keys come faster than the page is drawn anew, and none may be lost. */
function move(ids: readonly string[], by: 1 | -1): void {
  const index = ids.indexOf(new URL(window.location.href).searchParams.get("open") ?? "");
  const to = index === -1 ? undefined : ids[index + by];
  if (to !== undefined) setOpen(to, "replace");
}

const idText = /^[\w-]{1,64}$/;

/** The row that the address holds open (`?open=`), and how to open one. */
export function useOpenRow(ids: readonly string[]): { readonly row: OpenRow | null; readonly open: (id: string) => void } {
  const asked = useSearchParams().get("open");
  const open = useCallback((id: string) => setOpen(id, "push"), []);
  if (asked === null || !idText.test(asked)) return { row: null, open };
  const index = ids.indexOf(asked);
  const step = (by: 1 | -1) => (index === -1 || ids[index + by] === undefined ? null : () => move(ids, by));
  const close = () => {
    setOpen(null, "replace");
    focusRow(asked);
  };
  return { row: { id: asked, place: index === -1 ? null : index + 1, of: ids.length, next: step(1), previous: step(-1), close }, open };
}
