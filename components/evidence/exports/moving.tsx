"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Act } from "@/components/ui/form/act";
import { cancelExportAction } from "@/lib/evidence/actions";
import type { ExportProgress, NamedExport } from "@/lib/evidence/types";
import { formatCount } from "@/lib/platform/format";
import { filterText } from "../words";
import styles from "./exports.module.css";
import { formatWords } from "./formats";

const lookEveryMs = 1_000;
/** The page is asked for again after so many looks where the first time came to nothing. */
const looksPerRefresh = 20;
const refusals = { "not-open": "It is over already. Nothing changed.", "not-found": "It is not there any more." };
const isOpen = ({ state }: Pick<ExportProgress, "state">) => state === "queued" || state === "running";

/** One's own exports that wait or are being written; looks again every second and stops once none is left. */
export function Moving({ rows }: { rows: readonly NamedExport[] }) {
  const router = useRouter();
  const own = rows.filter((row) => row.isOwn && isOpen(row));
  const ids = own.map(({ id, state }) => `${id}:${state}`).join();
  const [progress, setProgress] = useState<readonly ExportProgress[]>([]);
  useEffect(() => {
    if (ids === "") return;
    const stopped = new AbortController();
    let refreshedFor = "";
    let looksSince = 0;
    const look = async () => {
      const response = await fetch("/api/evidence/exports", { signal: stopped.signal, headers: { accept: "application/json" } });
      if (!response.ok) return;
      const { exports } = (await response.json()) as { exports: ExportProgress[] };
      setProgress(exports);
      const now = new Map(exports.map(({ id, state }) => [id, state]));
      if (ids.split(",").every((known) => `${known.slice(0, 36)}:${now.get(known.slice(0, 36)) ?? ""}` === known)) return;
      // A page that takes longer than a look must not be asked for anew before it came: it never would.
      const states = [...now].join();
      looksSince += 1;
      if (states === refreshedFor && looksSince < looksPerRefresh) return;
      refreshedFor = states;
      looksSince = 0;
      router.refresh();
    };
    const timer = setInterval(() => void look().catch(() => undefined), lookEveryMs);
    return () => {
      clearInterval(timer);
      stopped.abort();
    };
  }, [ids, router]);
  if (own.length === 0) return null;
  return (
    <ul className={styles.moving} aria-label="Exports on their way">
      {own.map((row) => (
        <One key={row.id} row={row} progress={progress.find(({ id }) => id === row.id) ?? row} />
      ))}
    </ul>
  );
}

function One({ row, progress }: { row: NamedExport; progress: ExportProgress }) {
  const { rowsDone, rowsTotal, state } = progress;
  const name = `${formatWords[row.format].name} of ${filterText(row.filter, row.named)}`;
  return (
    <li className={styles.movingOne}>
      <div className={styles.movingText}>
        <strong>{name}</strong>
        <span className={styles.quiet}>{state === "queued" ? "waits for its turn" : rowsTotal === null ? "counting" : `${formatCount(rowsDone)} of ${formatCount(rowsTotal)} rows`}</span>
      </div>
      <progress className={styles.bar} aria-label={`Progress of ${name}`} max={rowsTotal ?? 1} value={state === "queued" || rowsTotal === null ? undefined : rowsDone} />
      <Act action={cancelExportAction} fields={{ exportId: row.id }} pendingText="Cancelling…" label={`Cancel the export ${name}`} refusals={refusals}>
        Cancel
      </Act>
    </li>
  );
}
