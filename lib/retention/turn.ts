import "server-only";
import type { Transaction } from "@/lib/db/transaction";

/** Erasing and putting on hold wait for each other: what is on hold when the hold's page says so is not erased. */
export async function takeTurn(tx: Transaction): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('curfew:retention', 0))`;
}
