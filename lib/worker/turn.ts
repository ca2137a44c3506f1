import "server-only";
import { Client } from "pg";
import { env } from "@/lib/platform/env";
import { logger } from "@/lib/platform/logger";

/** A connection whose worker's machine vanished is noticed within half a minute. */
const keepalive = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

/**
 * Does work that one process at a time may do; answers false when another is at it. The turn hangs on a connection of its own
 * and ends with it: a killed worker's turn is free at once, where a lock in the queue's tables would stand for hours.
 */
export async function inTurn(name: string, work: () => Promise<void>): Promise<boolean> {
  const client = new Client({ connectionString: env.databaseUrl, application_name: "curfew-turn", options: keepalive });
  client.on("error", (error) => logger.warn({ turn: name, err: error }, "connection of a turn lost; somebody else may take it"));
  await client.connect();
  try {
    const { rows } = await client.query<{ taken: boolean }>("select pg_try_advisory_lock(hashtextextended($1, 0)) as taken", [`curfew:${name}`]);
    if (rows[0]?.taken !== true) return false;
    await work();
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}
