import "server-only";
import * as z from "zod";
import { expireExports, resumeExports } from "@/lib/evidence/exports/keeping";
import { runExport } from "@/lib/evidence/exports/runner";
import { inTurn } from "../turn";

const payloadSchema = z.object({ exportId: z.uuid() });

/** Writes the file of an export; one worker at a time. */
export async function runExportTask(payload: unknown): Promise<void> {
  const { exportId } = payloadSchema.parse(payload);
  await inTurn(`export:${exportId}`, () => runExport(exportId));
}

/** Takes up what a dead worker left, what waits, and what is over. */
export async function lookAfterExports(): Promise<void> {
  await resumeExports();
  await expireExports();
}
