"use client";

import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { parseAsArrayOf, parseAsString, useQueryState } from "nuqs";
import { type MouseEvent, useCallback, useOptimistic, useTransition } from "react";
import { listHref, type UrlChanges } from "./table-url";

const listOfWords = parseAsArrayOf(parseAsString).withDefault([]);

/** The list's state in the URL: hrefs for anchors, and changes that keep the old rows until the new ones are there. */
export function useListUrl() {
  const router = useRouter();
  const pathname = usePathname();
  const shown = useSearchParams().toString();
  // A box that is ticked shows it at once; the rows follow when the server has them.
  const [current, setCurrent] = useOptimistic(shown);
  const [isPending, startTransition] = useTransition();

  const hrefWith = useCallback((changes: UrlChanges) => listHref(pathname, current, changes), [pathname, current]);

  const go = useCallback(
    (changes: UrlChanges) => {
      // Made from this page's own path and parameters.
      const href = listHref(pathname, current, changes) as Route;
      startTransition(() => {
        setCurrent(href.split("?")[1] ?? "");
        router.push(href, { scroll: false });
      });
    },
    [pathname, current, router, setCurrent],
  );

  /** For anchors: a plain click stays in the page, every other click is the browser's. */
  const follow = useCallback(
    (changes: UrlChanges) => (event: MouseEvent) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      go(changes);
    },
    [go],
  );

  return { current, hrefWith, go, follow, isPending };
}

export type ListUrl = ReturnType<typeof useListUrl>;

/** Columns that the reader has chosen away; stays in the browser, the server need not know. */
export function useHiddenColumns() {
  return useQueryState("hide", listOfWords);
}

/** The words of one filter in the URL. */
export function wordsOf(current: string, key: string): string[] {
  return listOfWords.parse(new URLSearchParams(current).get(key) ?? "") ?? [];
}
