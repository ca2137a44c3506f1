import "server-only";
import { connectorOf } from "@/lib/connectors/registry";
import { db } from "@/lib/db/client";
import { diffSchema, notSeenSchema, runStateSchema } from "./runs-schema";
import type { DiscoveryRunsView, DiscoveryRunView } from "./runs-types";

const mostRuns = 8;
/** Of each run's diff on the page; the counts are of all. */
const mostNames = 60;

/** The newest runs of a system; null when there is no such system. */
export async function readRuns(systemId: string): Promise<Omit<DiscoveryRunsView, "mayDiscover"> | null> {
  const system = await db.system.findUnique({
    where: { id: systemId },
    select: {
      id: true, name: true, connector: true, serverLog: true,
      discoveries: { orderBy: [{ startedAt: "desc" }, { id: "desc" }], take: mostRuns, include: { orderedBy: { select: { name: true } } } },
    },
  });
  if (!system) return null;
  const log = system.serverLog;
  return {
    systemId: system.id,
    name: system.name,
    canDiscover: connectorOf(system.connector).capabilities.discover,
    runs: system.discoveries.map((row): DiscoveryRunView => ({
      id: row.id,
      state: runStateSchema.parse(row.state),
      phase: row.phase,
      done: row.done,
      total: row.total,
      startedAt: row.startedAt.toISOString(),
      finishedAt: row.finishedAt?.toISOString() ?? null,
      orderedBy: row.orderedBy?.name ?? null,
      counts: row.state === "complete" ? { roles: row.roles ?? 0, appeared: row.appeared ?? 0, changed: row.changed ?? 0, vanished: row.vanished ?? 0 } : null,
      diff: row.diff === null ? [] : diffSchema.parse(row.diff).slice(0, mostNames),
      notSeen: row.notSeen === null ? [] : notSeenSchema.parse(row.notSeen),
      failure: row.failure,
      failureText: row.failureText,
    })),
    log: log && { visibleSince: log.visibleSince?.toISOString() ?? null, readAt: log.readAt?.toISOString() ?? null, unreadable: log.unreadable, remedy: log.remedy },
  };
}
