import type { Route } from "next";
import Link from "next/link";
import { Banner } from "@/components/ui/feedback/banner";
import { formatUtc } from "@/lib/platform/format";
import styles from "./places.module.css";

type Bound = { readonly until: string; readonly fromDay: string; readonly toDay: string; readonly systemIds: readonly string[]; readonly names: boolean };

/** What an auditor's engagement shows, above what it shows. */
export function EngagementNote({ bound: { until, fromDay, toDay, systemIds, names } }: { bound: Bound }) {
  return (
    <div className={styles.note}>
      <Banner>
        Your engagement, until {formatUtc(until)}: what was asked from {fromDay} to {toDay} for {systemIds.length === 0 ? "every system" : "the systems that were named to you, and no other"}.{" "}
        {names ? "" : "Persons have pseudonyms, the same in every chain and file; files are CSV and JSON Lines, since the others hold names. "}What you open and take <Link href={"/evidence/engagement" as Route} prefetch={false}>is on record</Link>.
      </Banner>
    </div>
  );
}
