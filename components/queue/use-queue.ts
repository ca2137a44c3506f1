"use client";

import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useOptimistic, useRef, useTransition } from "react";
import { listHref } from "@/components/data-table/table-url";
import { useKeys } from "@/components/ui/keys/use-keys";
import { neighbourOf } from "./neighbour";

type QueueProps = {
  rows: readonly { readonly id: string }[];
  /** Rows that do not wait any more: `j` and `k` pass them by. */
  gone?: ReadonlySet<string>;
  /** What the server shows beside the list. */
  shownId: string | null;
  /** The address names it. */
  isChosen: boolean;
  /** Called with what is looked at next. */
  onGo?: (id: string) => void;
};

/** Which row of a queue is open, and the ways from it. */
export type Queue = {
  readonly openId: string | null;
  readonly hrefOf: (id: string | null) => Route;
  readonly go: (id: string | null) => void;
};

const none: ReadonlySet<string> = new Set();

/** What is open stands in the address; `j` and `k` go on to what still waits. */
export function useQueue({ rows, gone = none, shownId, isChosen, onGo }: QueueProps): Queue {
  const { openId, hrefOf, open } = useOpen(shownId, isChosen);
  const place = useRef(0);
  useEffect(() => {
    const index = rows.findIndex(({ id }) => id === openId);
    if (index >= 0) place.current = index;
  }, [rows, openId]);
  const go = (id: string | null) => {
    if (id !== null) onGo?.(id);
    open(id);
  };
  const move = (step: 1 | -1) => {
    const next = neighbourOf(rows, gone, { openId, place: place.current, step });
    if (next) go(next.id);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  return { openId, hrefOf, go };
}

function useOpen(shownId: string | null, isChosen: boolean) {
  const router = useRouter();
  const pathname = usePathname();
  const current = useSearchParams().toString();
  const [, startTransition] = useTransition();
  const [openId, setOpenId] = useOptimistic(shownId);
  const keep = { after: new URLSearchParams(current).get("after"), before: new URLSearchParams(current).get("before") };
  const hrefOf = (id: string | null) => listHref(pathname, current, { ...keep, open: id }) as Route;
  const open = (id: string | null) =>
    startTransition(() => {
      setOpenId(id);
      router.push(hrefOf(id), { scroll: false });
    });
  useEffect(() => {
    // What is decided stays on screen with its outcome, so the address has to name it once there is room for both.
    if (isChosen || shownId === null || !window.matchMedia("(min-width: 1000px)").matches) return;
    const address = new URLSearchParams(window.location.search);
    address.set("open", shownId);
    window.history.replaceState(null, "", `?${address.toString()}`);
  }, [isChosen, shownId]);
  return { openId, hrefOf, open };
}
