import type { Route } from "next";
import Link from "next/link";
import { Button } from "@/components/ui/form/button";
import { type CappedCount, formatCapped, formatCount } from "@/lib/platform/format";
import styles from "./list.module.css";

type ExportButtonsProps = { filter: Readonly<Record<string, string>>; total: CappedCount; asOf: string };

/** Exports the filtered list, whole. A plain form by POST: it works without JavaScript, and no link can start it. */
export function ExportButtons({ filter, total, asOf }: ExportButtonsProps) {
  const rows = `${formatCapped(total)} ${total.count === 1 && !total.capped ? "row" : "rows"}`;
  return (
    <form method="post" action="/api/evidence/export" className={styles.export}>
      {Object.entries(filter).map(([key, value]) => (
        <input key={key} type="hidden" name={key} value={value} />
      ))}
      <div className={styles.exportButtons}>
        <Button type="submit" kind="primary" name="format" value="csv">
          Export {rows} as CSV
        </Button>
        <Button type="submit" name="format" value="jsonl" aria-label={`Export ${rows} as JSON Lines`}>
          JSON Lines
        </Button>
      </div>
      <p className={styles.exportNote}>
        As of ledger position {formatCount(BigInt(asOf))}, with a report card ·{" "}
        <Link href={"/evidence/exports" as Route} prefetch={false}>
          past exports
        </Link>
      </p>
    </form>
  );
}
