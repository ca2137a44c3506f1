import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { loadWith } from "@/lib/auth/session";
import { listSystems, readEntitlements, readSystem, readUnprovenOn } from "./data";
import { systemIdSchema, systemListSchema } from "./schema";
import type { SystemView } from "./types";

/** The list of connected systems that a URL asks for. */
export function loadSystems(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("system:view", async () => {
    const query = systemListSchema.parse(parameters);
    return { page: await listSystems(query), sort: query.sort };
  });
}

/** One system: its connection, its limits, what can be granted on it, what has not been proven. */
export const loadSystem = cache((systemId: string) =>
  loadWith("system:view", async (): Promise<SystemView> => {
    const id = systemIdSchema.safeParse(systemId);
    const system = id.success ? await readSystem(id.data) : null;
    if (!system) notFound();
    const [entitlements, unproven] = await Promise.all([readEntitlements(system.id), readUnprovenOn(system.id)]);
    return { ...system, entitlements: entitlements.rows, hasMoreEntitlements: entitlements.hasMore, unproven };
  }),
);
