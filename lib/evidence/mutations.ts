import "server-only";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { enqueue } from "@/lib/worker/enqueue";
import { definition } from "./report-card";
import { mayExport } from "./rules";
import { filterParameters, withinBound, type EvidenceFilter } from "./schema";
import type { ExportFormat, ExportState, SampleAsked } from "./types";

/** Exports of one person that wait or run. */
export const mostOpen = 10;

const tally = z.record(z.string(), z.number());

/** What an export's row keeps about what was asked, and what was counted once it ran. */
export const parametersSchema = z.object({
  filter: z.record(z.string(), z.string()),
  counts: z
    .object({ rows: z.number(), requests: z.number(), grants: z.number(), refusedAsks: z.number(), byState: tally, byGrantState: tally, byEndReason: tally })
    .nullish(),
  sample: z.object({ nonce: z.string(), count: z.number(), strata: z.array(z.string()) }).nullish(),
});

/** Exports that wait, the longest waiting first. Whoever finds no room waits on. */
export async function enqueueWaiting(tx: Transaction): Promise<void> {
  const waiting = await tx.export.findMany({ where: { state: "queued" }, select: { id: true }, orderBy: { requestedAt: "asc" }, take: 20 });
  for (const { id } of waiting) await enqueueExport(tx, id);
}

/** Puts an export into the queue. */
export function enqueueExport(tx: Transaction, exportId: string): Promise<void> {
  return enqueue(tx, "run-export", { exportId }, { key: `run-export:${exportId}`, maxAttempts: 3 });
}

type Asked = { readonly actor: PersonActor; readonly filter: EvidenceFilter; readonly format: ExportFormat; readonly sample?: SampleAsked | null };

/** Asks for an export. The worker writes it; the file can be downloaded once it is whole. */
export function requestExport(asked: Asked): Promise<Result<{ readonly exportId: string }, "too-many-exports" | "names-left-out">> {
  if (!mayExport(asked.actor, asked.format)) return Promise.resolve(refuse("names-left-out"));
  return inTransaction((tx, now) => requestExportWithin(tx, now, asked));
}

/** The same in the caller's transaction. */
export async function requestExportWithin(tx: Transaction, now: Date, { actor, filter, format, sample }: Asked): Promise<Result<{ readonly exportId: string }, "too-many-exports">> {
  await tx.$queryRaw`select 1 as held from (select pg_advisory_xact_lock(hashtextextended(${`curfew:exports:${actor.personId}`}, 0))) k`;
  const open = await tx.export.count({ where: { personId: actor.personId, state: { in: ["queued", "running"] } } });
  if (open >= mostOpen) return refuse("too-many-exports");
  const exportId = newId();
  const parameters = filterParameters(withinBound(filter, actor.bound));
  await tx.export.create({
    data: { id: exportId, personId: actor.personId, format, parameters: { filter: parameters, ...(sample ? { sample: { ...sample, strata: [...sample.strata] } } : {}) }, definitionVersion: definition.version, state: "queued", requestedAt: now, progressAt: now },
  });
  const data = { exportId, format, filter: parameters, definition: `${definition.id}/${definition.version}` };
  await appendEvent(tx, { type: "evidence.export-requested", at: now, actor, subjects: { export: exportId, person: actor.personId }, data });
  await enqueueExport(tx, exportId);
  return ok({ exportId });
}

type Cancelling = { readonly actor: PersonActor; readonly exportId: string };

/** Stops one's own export; what was written of it is thrown away. */
export function cancelExport({ actor, exportId }: Cancelling): Promise<Result<{ readonly state: ExportState }, "not-found" | "not-open">> {
  return inTransaction(async (tx, now) => {
    const rows = await tx.$queryRaw<{ person_id: string }[]>`select person_id from exports where id = ${exportId}::uuid for update`;
    if (rows[0]?.person_id !== actor.personId) return refuse("not-found");
    const { count } = await tx.export.updateMany({ where: { id: exportId, state: { in: ["queued", "running"] } }, data: { state: "cancelled", finishedAt: now, progressAt: now } });
    if (count === 0) return refuse("not-open");
    await tx.exportPart.deleteMany({ where: { exportId } });
    await appendEvent(tx, { type: "evidence.export-cancelled", at: now, actor, subjects: { export: exportId, person: actor.personId }, data: { exportId } });
    await enqueueWaiting(tx);
    return ok({ state: "cancelled" });
  });
}

/** Records that somebody takes a file, before its first byte leaves. */
export async function noteDownload({ actor, exportId }: Cancelling, sha256: string): Promise<void> {
  await inTransaction((tx, now) =>
    appendEvent(tx, { type: "evidence.export-downloaded", at: now, actor, subjects: { export: exportId, person: actor.personId }, data: { exportId, sha256 } }));
}
