"use client";

import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import type { Page } from "@/lib/platform/page";
import { formatPlural } from "@/lib/platform/format";
import styles from "./data-table.module.css";
import type { ListUrl } from "./use-list-url";

type TableFootProps = {
  page: Page<unknown>;
  noun: readonly [one: string, many: string];
  url: ListUrl;
};

/** Pages forwards and backwards; their cursors are in the URL. */
export function TableFoot({ page, noun, url }: TableFootProps) {
  if (!page.next && !page.previous) return null;
  const before = { before: page.previous, after: null };
  const after = { after: page.next, before: null };
  return (
    <nav className={styles.foot} aria-label={`Pages of ${noun[1]}`}>
      <span>{formatPlural(page.rows.length, ...noun)} on this page</span>
      <span className={styles.pages}>
        {page.previous ? (
          <a href={url.hrefWith(before)} onClick={url.follow(before)} rel="prev" className={styles.pageLink}>
            <IconChevronLeft size={14} aria-hidden />
            Previous
          </a>
        ) : null}
        {page.next ? (
          <a href={url.hrefWith(after)} onClick={url.follow(after)} rel="next" className={styles.pageLink}>
            Next
            <IconChevronRight size={14} aria-hidden />
          </a>
        ) : null}
      </span>
    </nav>
  );
}
