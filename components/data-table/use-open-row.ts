"use client";

import { useSearchParams } from "next/navigation";
import { useCallback, useEffect, useState } from "react";

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

const idText = /^[\w-]{1,64}$/;

function readId(text: string | null): string | null {
  return text !== null && idText.test(text) ? text : null;
}

/** What stands open, and what else the address said then: with other rows it is asked anew. */
type Held = { readonly id: string | null; readonly rest: string; readonly how: "push" | "replace" };

function restOf(params: URLSearchParams): string {
  const rest = new URLSearchParams(params);
  rest.delete("open");
  return rest.toString();
}

function heldBy(params: URLSearchParams): Held {
  return { id: readId(params.get("open")), rest: restOf(params), how: "replace" };
}

/** The rows stay as they are: only the address changes, without asking the server. */
function writeAddress({ id, how }: Held): void {
  const url = new URL(window.location.href);
  if (readId(url.searchParams.get("open")) === id) return;
  if (id === null) url.searchParams.delete("open");
  else url.searchParams.set("open", id);
  if (how === "push") window.history.pushState(null, "", url);
  else window.history.replaceState(null, "", url);
}

/**
 * The state is here and the address follows it: keys come faster than the address comes back through the router, and
 * none may be lost.
 */
function useHeldRow() {
  const params = useSearchParams();
  const [held, setHeld] = useState<Held>(() => heldBy(params));
  if (held.rest !== restOf(params)) setHeld(heldBy(params));
  useEffect(() => writeAddress(held), [held]);
  useEffect(() => {
    const goneBack = () => setHeld(heldBy(new URLSearchParams(window.location.search)));
    window.addEventListener("popstate", goneBack);
    return () => window.removeEventListener("popstate", goneBack);
  }, []);
  return [held.id, setHeld] as const;
}

function focusRow(id: string): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`tr[data-row="${CSS.escape(id)}"] [data-row-link]`)?.focus());
}

/** The row that the address holds open (`?open=`), and how to open one. */
export function useOpenRow(ids: readonly string[]): { readonly row: OpenRow | null; readonly open: (id: string) => void } {
  const [id, setHeld] = useHeldRow();
  const open = useCallback((opened: string) => setHeld((held) => ({ ...held, id: opened, how: "push" })), [setHeld]);
  if (id === null) return { row: null, open };
  const index = ids.indexOf(id);
  const move = (by: 1 | -1) =>
    setHeld((held) => {
      const to = held.id === null || !ids.includes(held.id) ? undefined : ids[ids.indexOf(held.id) + by];
      return to === undefined ? held : { ...held, id: to, how: "replace" };
    });
  const step = (by: 1 | -1) => (index === -1 || ids[index + by] === undefined ? null : () => move(by));
  const close = () => {
    setHeld((held) => ({ ...held, id: null, how: "replace" }));
    focusRow(id);
  };
  return { row: { id, place: index === -1 ? null : index + 1, of: ids.length, next: step(1), previous: step(-1), close }, open };
}
