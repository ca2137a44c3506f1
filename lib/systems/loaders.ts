import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { listSystems, readAddress, readOwnAccounts, readSystem, readUnprovenOn } from "./data";
import { systemIdSchema, systemListSchema } from "./schema";
import type { SystemView } from "./types";
import { readRuns } from "./views/runs";
import type { DiscoveryRunsView } from "./views/runs-types";

/** The list of connected systems that a URL asks for. */
export function loadSystems(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("system:view", async (actor) => {
    const query = systemListSchema.parse(parameters);
    return { page: await listSystems(query), sort: query.sort, mayConnect: allows(actor.roles, "system:connect") };
  });
}

/** One system: its connection, its limits, what can be granted on it, what has not been proven. */
export const loadSystem = cache((systemId: string) =>
  loadWith("system:view", async (actor): Promise<SystemView> => {
    const id = systemIdSchema.safeParse(systemId);
    const system = id.success ? await readSystem(id.data) : null;
    if (!system) notFound();
    const [unproven, ownAccounts] = await Promise.all([readUnprovenOn(system.id), readOwnAccounts(system.id)]);
    const mayConnect = allows(actor.roles, "system:connect") && system.address !== null;
    return { ...system, mayConnect, unproven, ownAccounts };
  }),
);

/** The newest readings of a system into the inventory; null where there is no such system. */
export const loadDiscoveryRuns = cache((systemId: string) =>
  loadWith("system:view", async (actor): Promise<DiscoveryRunsView | null> => {
    const id = systemIdSchema.safeParse(systemId);
    const runs = id.success ? await readRuns(id.data) : null;
    return runs && { ...runs, mayDiscover: allows(actor.roles, "system:discover") };
  }),
);

/** Whether this person may connect systems. */
export function loadConnecting() {
  return loadWith("system:connect", () => Promise.resolve(null));
}

/** Where a connected system is, to be said anew. Its accounts are never read. */
export const loadConnection = cache((systemId: string) =>
  loadWith("system:connect", async () => {
    const id = systemIdSchema.safeParse(systemId);
    const system = id.success ? await readAddress(id.data) : null;
    if (!system) notFound();
    return system;
  }),
);
