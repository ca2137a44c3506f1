import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { readPersonActor } from "@/lib/auth/sign-ins";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { enqueueExport, enqueueWaiting, parametersSchema } from "../mutations";
import { mayExport } from "../rules";
import { readFilter, withinBound, type EvidenceFilter } from "../schema";
import { exportFormats, type ExportCounts, type ExportFormat, type SampleAsked } from "../types";

/** Exports that run at the same time: of everybody, and of one person. The others wait. */
export const mostRunning = { all: 2, person: 1 } as const;
/** A try is begun again after its worker died, or after a fault that passes. */
const mostAttempts = 5;
const worker = { kind: "system", process: "worker" } as const;
const dayMs = 86_400_000;

/** A try that has begun: whose it is and what was asked. What it writes counts only while it is the newest. */
export type Attempt = {
  readonly exportId: string;
  readonly number: number;
  readonly actor: PersonActor;
  readonly format: ExportFormat;
  readonly filter: EvidenceFilter;
  readonly sample: SampleAsked | null;
  readonly startedAt: Date;
};

/** Thrown where somebody cancelled the export, or another worker began it again. */
export class Superseded extends Error {
  override readonly name = "Superseded";
}

/**
 * Begins an export, or begins it again: what an earlier try wrote is thrown away. Null where there is nothing to do, or where
 * as many run as may; it stays in the queue then.
 */
export function claimExport(exportId: string): Promise<Attempt | null> {
  return inTransaction(async (tx, now) => {
    // One at a time looks whether there is room.
    await tx.$queryRaw`select 1 as held from (select pg_advisory_xact_lock(hashtextextended('curfew:exports', 0))) k`;
    const rows = await tx.$queryRaw<{ id: string }[]>`select id from exports where id = ${exportId}::uuid for update`;
    if (rows.length === 0) return null;
    const row = await tx.export.findUniqueOrThrow({ where: { id: exportId }, include: { person: { select: { name: true } } } });
    if (row.state !== "queued" && row.state !== "running") return null;
    if (row.state === "queued" && !(await hasRoom(tx, row.personId))) return null;
    await tx.exportPart.deleteMany({ where: { exportId } });
    const actor: PersonActor = (await readPersonActor(tx, row.personId)) ?? { kind: "person", personId: row.personId, name: row.person.name, roles: [] };
    // Whoever lost the role since then gets no file, nor does an engagement give what was asked for before it or holds names that it leaves out.
    if (!mayExport(actor, row.format, row.requestedAt)) return closeFailed(tx, { exportId, actor, failure: "no-permission", now });
    if (row.attempt >= mostAttempts) return closeFailed(tx, { exportId, actor, failure: "broke-off-again", now });
    const number = row.attempt + 1;
    await tx.export.update({ where: { id: exportId }, data: { state: "running", attempt: number, startedAt: now, progressAt: now, rowsDone: 0, rowsTotal: null } });
    const format = exportFormats.find((known) => known === row.format);
    const parameters = parametersSchema.safeParse(row.parameters).data;
    if (!format || !parameters) throw new AppError("integrity", `export ${exportId} is of an unknown kind`);
    return { exportId, number, actor, format, filter: withinBound(readFilter(parameters.filter).filter, actor.bound), sample: parameters.sample ?? null, startedAt: now };
  });
}

async function hasRoom(tx: Transaction, personId: string): Promise<boolean> {
  const [all, own] = await Promise.all([tx.export.count({ where: { state: "running" } }), tx.export.count({ where: { state: "running", personId } })]);
  return all < mostRunning.all && own < mostRunning.person;
}

type Begun = { readonly filter: Readonly<Record<string, string>>; readonly asOf: bigint; readonly counts: ExportCounts };

/** Records of which moment the data is and how much of it there is, before the first byte is written. */
export function beginExport({ exportId, number, actor, format, sample }: Attempt, { filter, asOf, counts }: Begun): Promise<void> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.export.updateMany({
      where: { id: exportId, attempt: number, state: "running" },
      data: { asOf, parameters: { filter: { ...filter }, counts, ...(sample ? { sample: { ...sample, strata: [...sample.strata] } } : {}) }, rowsTotal: counts.rows, progressAt: now },
    });
    if (count === 0) throw new Superseded();
    const data = { exportId, format, filter: { ...filter }, asOf: asOf.toString() };
    await appendEvent(tx, { type: "evidence.exported", at: now, actor, subjects: { export: exportId, person: actor.personId }, data });
  });
}

type Written = { readonly number: number; readonly bytes: Uint8Array<ArrayBuffer>; readonly rowsDone: number };

/** Keeps the next piece of the file. A try that is no longer the newest is told so and keeps nothing. */
export async function appendPart({ exportId, number: attempt }: Attempt, { number, bytes, rowsDone }: Written): Promise<void> {
  const kept = await db.$executeRaw`
    with running as (
      update exports set rows_done = ${rowsDone}::int, progress_at = clock_timestamp() where id = ${exportId}::uuid and attempt = ${attempt}::int and state = 'running' returning id)
    insert into export_parts (export_id, attempt, number, bytes) select id, ${attempt}::int, ${number}::int, ${bytes}::bytea from running`;
  if (kept === 0) throw new Superseded();
}

/** Says how far it is. */
export async function noteProgress({ exportId, number }: Attempt, rowsDone: number): Promise<void> {
  const noted = await db.$executeRaw`
    update exports set rows_done = ${rowsDone}::int, progress_at = clock_timestamp() where id = ${exportId}::uuid and attempt = ${number}::int and state = 'running'`;
  if (noted === 0) throw new Superseded();
}

type Finished = { readonly rows: number; readonly bytes: bigint; readonly sha256: string; readonly fileName: string; readonly card: string };

/** The file is whole: it can be downloaded until it expires. */
export function finishExport({ exportId, number, actor }: Attempt, finished: Finished): Promise<void> {
  const { rows, bytes, sha256 } = finished;
  return inTransaction(async (tx, now) => {
    const { count } = await tx.export.updateMany({
      where: { id: exportId, attempt: number, state: "running" },
      data: { ...finished, state: "complete", rowsDone: rows, finishedAt: now, progressAt: now, expiresAt: new Date(now.getTime() + env.exportDays * dayMs) },
    });
    if (count === 0) throw new Superseded();
    const data = { exportId, state: "complete" as const, rows, bytes: bytes.toString(), sha256, failure: null };
    await appendEvent(tx, { type: "evidence.export-finished", at: now, actor, subjects: { export: exportId, person: actor.personId }, data });
    await enqueueWaiting(tx);
  });
}

/** It broke off and is not tried again. */
export async function failExport({ exportId, number, actor }: Attempt, failure: string): Promise<void> {
  await inTransaction(async (tx, now) => {
    const { count } = await tx.export.updateMany({ where: { id: exportId, attempt: number, state: "running" }, data: { progressAt: now } });
    if (count > 0) await closeFailed(tx, { exportId, actor, failure, now });
  });
}

async function closeFailed(tx: Transaction, { exportId, actor, failure, now }: { exportId: string; actor: PersonActor; failure: string; now: Date }): Promise<null> {
  await tx.exportPart.deleteMany({ where: { exportId } });
  await tx.export.update({ where: { id: exportId }, data: { state: "failed", failure, finishedAt: now, progressAt: now } });
  const data = { exportId, state: "failed" as const, rows: 0, bytes: "0", sha256: "", failure };
  await appendEvent(tx, { type: "evidence.export-finished", at: now, actor, subjects: { export: exportId, person: actor.personId }, data });
  await enqueueWaiting(tx);
  return null;
}

/** Exports whose worker died begin again; those that wait are asked for once more (a lost job costs nothing). */
export function resumeExports(): Promise<void> {
  return inTransaction(async (tx) => {
    const running = await tx.export.findMany({ where: { state: "running" }, select: { id: true }, take: 100 });
    for (const { id } of running) await enqueueExport(tx, id);
    await enqueueWaiting(tx);
  });
}

/** Files whose time is over are removed; that they were there stays known. */
export async function expireExports(): Promise<void> {
  const due = await db.export.findMany({ where: { state: "complete", expiresAt: { lte: new Date() } }, select: { id: true, personId: true }, take: 100 });
  for (const { id, personId } of due) {
    await inTransaction(async (tx, now) => {
      const { count } = await tx.export.updateMany({ where: { id, state: "complete", expiresAt: { lte: now } }, data: { state: "expired" } });
      if (count === 0) return;
      await tx.exportPart.deleteMany({ where: { exportId: id } });
      await appendEvent(tx, { type: "evidence.export-expired", at: now, actor: worker, subjects: { export: id, person: personId }, data: { exportId: id } });
    });
  }
}
