"use client";

import type { ReactNode } from "react";
import { Button } from "@/components/ui/form/button";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { formatPlural } from "@/lib/platform/format";
import styles from "./data-table.module.css";
import { ClearFilters, type TableFilter } from "./table-tools";
import type { ListUrl } from "./use-list-url";

type NewRowsProps = {
  noun: readonly [one: string, many: string];
  fresh: { readonly count: number; readonly show: () => void } | undefined;
};

/** Says that rows came; the list itself does not move until asked. */
export function NewRows({ noun, fresh }: NewRowsProps) {
  return (
    <div role="status">
      {fresh && fresh.count > 0 ? (
        <p className={styles.fresh}>
          {formatPlural(fresh.count, `new ${noun[0]}`, `new ${noun[1]}`)}
          <Button size="small" onClick={fresh.show}>
            Show
          </Button>
        </p>
      ) : null}
    </div>
  );
}

type TableEmptyProps = {
  noun: string;
  isFiltered: boolean;
  filters: readonly TableFilter[];
  url: ListUrl;
  empty: ReactNode;
};

/** Nothing at all, or nothing that the filters let through. */
export function TableEmpty({ noun, isFiltered, filters, url, empty }: TableEmptyProps) {
  return (
    <div className={styles.empty}>
      {isFiltered ? (
        <EmptyState
          title={`No ${noun} match`}
          why="The filters and the search above leave nothing over."
          next={<ClearFilters filters={filters} url={url} />}
        />
      ) : (
        empty
      )}
    </div>
  );
}

/** What can be done with what is selected, at the bottom of the window. */
export function SelectionBar({ children }: { children: ReactNode }) {
  return (
    <div className={styles.selection} role="region" aria-label="Selected rows">
      {children}
    </div>
  );
}
