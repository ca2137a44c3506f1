import "server-only";
import { db } from "./client";
import type { Prisma } from "./generated/client";

/** A running transaction. Functions that must not write outside one take this type. */
export type Transaction = Prisma.TransactionClient;

/** Where "now" comes from: the database's clock, or the seed's. */
export type Clock = { now(tx: Transaction): Promise<Date> };

/** The database's clock: one clock for every web and worker process. */
export const databaseClock: Clock = {
  async now(tx) {
    const rows = await tx.$queryRaw<{ now: Date }[]>`select clock_timestamp() as now`;
    return rows[0]?.now ?? new Date();
  },
};

/** A clock that stands still, for the seed and for tests. */
export function fixedClock(at: Date): Clock {
  return { now: () => Promise.resolve(at) };
}

/**
 * Runs `work` in one READ COMMITTED transaction; what it returns is committed, refusals too; what it throws is rolled back.
 * `now` is read at the start; after waiting for a lock, ask the clock again.
 */
export function inTransaction<Value>(
  work: (tx: Transaction, now: Date) => Promise<Value>,
  clock: Clock = databaseClock,
): Promise<Value> {
  return db.$transaction(async (tx) => work(tx, await clock.now(tx)));
}

/** Long enough for whole inventories on a busy machine (milliseconds); one that holds nobody up, since readers wait for no writer. */
const longTimeoutMs = 300_000;

/** The same for the few writes that take many rows at once; never with a lock that others wait for. */
export function inLongTransaction<Value>(work: (tx: Transaction) => Promise<Value>): Promise<Value> {
  return db.$transaction(work, { timeout: longTimeoutMs, maxWait: 20_000 });
}
