import type { Route } from "next";
import Link from "next/link";
import { ButtonLink } from "@/components/ui/form/button";
import { type CappedCount, formatCapped, formatCount } from "@/lib/platform/format";
import styles from "./list.module.css";

type ExportLinkProps = { filter: Readonly<Record<string, string>>; total: CappedCount; asOf: string };

/** To the page that exports what is listed, with the same filter. */
export function ExportLink({ filter, total, asOf }: ExportLinkProps) {
  const rows = `${formatCapped(total)} ${total.count === 1 && !total.capped ? "row" : "rows"}`;
  const query = new URLSearchParams(filter).toString();
  return (
    <div className={styles.export}>
      <ButtonLink kind="primary" href={`/evidence/exports${query ? `?${query}` : ""}` as Route}>
        {`Export ${rows}…`}
      </ButtonLink>
      <p className={styles.exportNote}>
        As of ledger position {formatCount(BigInt(asOf))} ·{" "}
        <Link href={"/evidence/exports" as Route} prefetch={false}>
          past exports
        </Link>
      </p>
    </div>
  );
}
