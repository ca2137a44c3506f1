import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { databaseClock, inTransaction, type Clock } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import type { ExportCounts, ExportFormat } from "./types";

type BeginExport = {
  readonly actor: PersonActor;
  readonly exportId: string;
  readonly format: ExportFormat;
  readonly filter: Readonly<Record<string, string>>;
  readonly asOf: bigint;
  readonly counts: ExportCounts;
  readonly clock?: Clock;
};

/** Records that somebody takes evidence out, before the first byte leaves. Answers when. */
export function beginExport({ actor, exportId, format, filter, asOf, counts, clock = databaseClock }: BeginExport): Promise<Date> {
  return inTransaction(async (tx, now) => {
    await tx.export.create({
      data: { id: exportId, personId: actor.personId, format, parameters: { filter: { ...filter }, counts }, asOf, startedAt: now, state: "running" },
    });
    await appendEvent(tx, {
      type: "evidence.exported",
      at: now,
      actor,
      subjects: { export: exportId, person: actor.personId },
      data: { exportId, format, filter: { ...filter }, asOf: asOf.toString() },
    });
    return now;
  }, clock);
}

type FinishExport = {
  readonly actor: PersonActor;
  readonly exportId: string;
  readonly state: "complete" | "failed";
  readonly rows: number;
  /** Of the data file; empty where it broke off. */
  readonly sha256: string;
  readonly clock?: Clock;
};

/** Records how an export ended: once, whatever is told afterwards. */
export function finishExport({ actor, exportId, state, rows, sha256, clock = databaseClock }: FinishExport): Promise<boolean> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.export.updateMany({
      where: { id: exportId, state: "running" },
      data: { state, rows, sha256: sha256 || null, finishedAt: now },
    });
    if (count === 0) return false;
    await appendEvent(tx, {
      type: "evidence.export-finished",
      at: now,
      actor,
      subjects: { export: exportId, person: actor.personId },
      data: { exportId, rows, sha256, state },
    });
    return true;
  }, clock);
}
