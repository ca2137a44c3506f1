import "server-only";
import { db } from "@/lib/db/client";
import { crashPoint } from "@/lib/platform/crash-point";

const batch = 2_000;

/** Gives committed events gapless positions until none is left; answers how many. Any number of processes may call it. */
export async function sequenceEvents(): Promise<number> {
  let total = 0;
  for (;;) {
    crashPoint("sequence:before");
    const rows = await db.$queryRaw<{ added: number }[]>`select ledger.sequence(${batch}::int)::int as added`;
    crashPoint("sequence:after");
    const added = rows[0]?.added ?? 0;
    total += added;
    if (added < batch) return total;
  }
}

/** Number of events in sequence. */
export async function ledgerSize(): Promise<bigint> {
  const rows = await db.$queryRaw<{ size: bigint }[]>`select size from ledger.head`;
  return rows[0]?.size ?? 0n;
}
