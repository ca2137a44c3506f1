import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { newId } from "@/lib/platform/ids";
import { requestExport } from "../mutations";
import type { EvidenceFilter } from "../schema";
import { bytesOf, readArchive } from "../test-archive";
import type { ExportFormat, SampleAsked } from "../types";
import { exportBytes } from "../views/exports";
import { writers } from "./formats";
import type { Attempt } from "./keeping";
import { Run, runExport } from "./runner";
import { EvidenceSnapshot } from "./snapshot";

/** Asks for an export and writes it as the worker does. */
export async function exportNow(actor: PersonActor, filter: EvidenceFilter, format: ExportFormat, sample: SampleAsked | null = null) {
  const asked = await requestExport({ actor, filter, format, sample });
  if (!asked.ok) throw new TypeError(asked.code);
  const { exportId } = asked.value;
  await runExport(exportId);
  const row = await db.export.findUniqueOrThrow({ where: { id: exportId } });
  return { exportId, row, bytes: await bytesOf(exportBytes({ id: exportId, attempt: row.attempt })) };
}

/** The same for a format that is an archive: its files by name. */
export async function exportedFiles(actor: PersonActor, filter: EvidenceFilter, format: ExportFormat, sample: SampleAsked | null = null) {
  const made = await exportNow(actor, filter, format, sample);
  return { ...made, files: readArchive(made.bytes) };
}

/** Writes a format over the ledger as it stands, without an event of its own: what two runs over one position give. */
export async function writtenOver(actor: PersonActor, filter: EvidenceFilter, format: ExportFormat): Promise<Buffer> {
  const snapshot = new EvidenceSnapshot("a test");
  const attempt: Attempt = { exportId: newId(), number: 1, actor, format, filter, sample: null, startedAt: new Date() };
  try {
    const run = new Run(attempt, snapshot, () => Promise.resolve());
    await run.prepare();
    const chunks: Uint8Array[] = [];
    for await (const chunk of writers[format].write(run)) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    await snapshot.close();
  }
}
