import "server-only";
import { db } from "./client";
import type { Prisma } from "./generated/client";

/**
 * Reads with an index where there is one, whatever the planner expects. For questions whose answer is known to be small
 * and whose statistics cannot know it, such as a rare substring: guessed wrong, they would read a whole table.
 */
export async function readByIndex<Row>(statement: Prisma.Sql): Promise<Row[]> {
  const [, rows] = await db.$transaction([
    db.$executeRaw`select set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`,
    db.$queryRaw<Row[]>(statement),
  ]);
  return rows;
}
