import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { env } from "@/lib/platform/env";
import { listSources, listSystemsForSources, readSource } from "./data";
import { sourceIdSchema, sourceListSchema } from "./schema";

/** The list of sources that a URL asks for. */
export function loadSources(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("source:view", async (actor) => {
    const query = sourceListSchema.parse(parameters);
    return { page: await listSources(query), sort: query.sort, mayManage: allows(actor.roles, "source:manage") };
  });
}

/** One source: how far it has reported, what was not taken, who may send to it. */
export const loadSource = cache((sourceId: string) =>
  loadWith("source:view", async (actor) => {
    const id = sourceIdSchema.safeParse({ sourceId });
    const source = id.success ? await readSource(id.data.sourceId, new Date()) : null;
    if (!source) notFound();
    return { source, mayManage: allows(actor.roles, "source:manage") };
  }),
);

/** What the form for a new source offers. */
export function loadNewSource() {
  return loadWith("source:manage", async () => ({ systems: await listSystemsForSources(), isWatched: env.usesDir !== null }));
}
