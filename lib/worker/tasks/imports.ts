import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction } from "@/lib/db/transaction";
import { applyImport } from "@/lib/imports/apply";
import { compareImport } from "@/lib/imports/compare";
import { failImport, noteInterrupted } from "@/lib/imports/intake";
import { logger } from "@/lib/platform/logger";
import { enqueue } from "../enqueue";
import { inTurn } from "../turn";

const payloadSchema = z.object({ importId: z.uuid() });
const worker = { kind: "system", process: "worker" } as const;
const most = 100;

/** Says what a file would change. */
export async function compareImportTask(payload: unknown): Promise<void> {
  const { importId } = payloadSchema.parse(payload);
  await inTurn(`import:${importId}`, () => orFail(importId, "comparing", () => compareImport(importId)));
}

/** Applies what a person confirmed. */
export async function applyImportTask(payload: unknown): Promise<void> {
  const { importId } = payloadSchema.parse(payload);
  await inTurn(`import:${importId}`, () => orFail(importId, "applying", () => applyImport(importId)));
}

/** What passes is tried again; what would come again and again is told. */
async function orFail(importId: string, from: "comparing" | "applying", work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isPassing(error)) throw error;
    logger.error({ event: "import.fault", importId, err: error });
    await inTransaction(async (tx) => {
      const { systemId } = await tx.import.findUniqueOrThrow({ where: { id: importId }, select: { systemId: true } });
      const now = await databaseClock.now(tx);
      await failImport(tx, { id: importId, systemId, from, failure: "went-wrong", detail: {}, actor: worker, now });
    });
  }
}

/** Connections, locks, resources and shutdowns (SQLSTATE classes 08, 40, 53, 57; Prisma's own): the next try may do better. */
function isPassing(error: unknown): boolean {
  const text = error instanceof Error ? `${"code" in error ? String(error.code) : ""} ${error.name} ${error.message}` : "";
  return /\b(?:08|40|53|57)[0-9A-Z]{3}\b|\bP(?:1001|1002|1008|1017|2024|2028|2034)\b|ECONN|ETIMEDOUT|terminat|closed/.test(text);
}

/** Imports whose worker died are taken up again; uploads whose sender died are told to be interrupted. */
export async function resumeImports(): Promise<void> {
  await noteInterrupted();
  const open = await db.import.findMany({ where: { state: { in: ["comparing", "applying"] } }, select: { id: true, state: true }, take: most });
  await inTransaction(async (tx) => {
    for (const { id, state } of open) {
      await enqueue(tx, state === "comparing" ? "compare-import" : "apply-import", { importId: id }, { key: `import:${id}`, maxAttempts: 3 });
    }
  });
}
