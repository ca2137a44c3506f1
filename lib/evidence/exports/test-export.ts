import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { requestExport } from "../mutations";
import type { EvidenceFilter } from "../schema";
import { bytesOf, readArchive } from "../test-archive";
import type { ExportFormat } from "../types";
import { exportBytes } from "../views/exports";
import { runExport } from "./runner";

/** Asks for an export and writes it as the worker does. */
export async function exportNow(actor: PersonActor, filter: EvidenceFilter, format: ExportFormat) {
  const asked = await requestExport({ actor, filter, format });
  if (!asked.ok) throw new TypeError(asked.code);
  const { exportId } = asked.value;
  await runExport(exportId);
  const row = await db.export.findUniqueOrThrow({ where: { id: exportId } });
  return { exportId, row, bytes: await bytesOf(exportBytes({ id: exportId, attempt: row.attempt })) };
}

/** The same for a format that is an archive: its files by name. */
export async function exportedFiles(actor: PersonActor, filter: EvidenceFilter, format: ExportFormat) {
  const made = await exportNow(actor, filter, format);
  return { ...made, files: readArchive(made.bytes) };
}
