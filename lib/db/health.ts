import "server-only";
import { logger } from "@/lib/platform/logger";
import { db } from "./client";

const staleWorkerSeconds = 15;
const staleLedgerSeconds = 30;
const timeoutMs = 3_000;

export type Part = "healthy" | "unhealthy";
export type Health = {
  readonly healthy: boolean;
  readonly parts: { readonly web: Part; readonly database: Part; readonly worker: Part; readonly ledger: Part };
  /** Ages in seconds; null where there is nothing or nobody answered. */
  readonly details: { readonly workerBeatAge: number | null; readonly oldestUnsequencedAge: number | null; readonly ledgerSize: string | null };
};

type Row = { beat_age: number | null; pending_age: number | null; size: bigint | null };

async function ask(): Promise<Row | null> {
  const rows = await db.$queryRaw<Row[]>`
    select
      (select extract(epoch from clock_timestamp() - max(beat_at))::float8 from heartbeats where process like 'worker%') as beat_age,
      (select extract(epoch from clock_timestamp() - e.occurred_at)::float8
        from (select min(event_id) as id from ledger.pending) oldest join ledger.event e on e.id = oldest.id) as pending_age,
      (select size from ledger.head) as size`;
  return rows[0] ?? null;
}

async function askInTime(): Promise<Row | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs);
  });
  try {
    return await Promise.race([ask(), late]);
  } catch (error) {
    logger.warn({ event: "health.database", err: error });
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function judge(row: Row | null): Health {
  const part = (healthy: boolean): Part => (healthy ? "healthy" : "unhealthy");
  const parts = {
    web: "healthy",
    database: part(row !== null),
    worker: part(row?.beat_age != null && row.beat_age <= staleWorkerSeconds),
    ledger: part(row?.size != null && (row.pending_age ?? 0) <= staleLedgerSeconds),
  } as const;
  const rounded = (age: number | null | undefined) => (age == null ? null : Math.round(age));
  return {
    healthy: Object.values(parts).every((state) => state === "healthy"),
    parts,
    details: {
      workerBeatAge: rounded(row?.beat_age),
      oldestUnsequencedAge: rounded(row?.pending_age),
      ledgerSize: row?.size?.toString() ?? null,
    },
  };
}

let running: Promise<Health> | null = null;

/** Whether the parts of this installation work, asked of the database. Callers at the same time share one question. */
export function checkHealth(): Promise<Health> {
  running ??= askInTime()
    .then(judge)
    .finally(() => {
      running = null;
    });
  return running;
}
