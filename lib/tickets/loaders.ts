import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { listChanges } from "./data";
import { changeIdSchema, changeListSchema, providerIdSchema } from "./schema";
import { readChangeView } from "./views/change";
import { readProviderForm, readProviderViews } from "./views/providers";

type Search = Readonly<Record<string, string | string[] | undefined>>;

/** The register of changes that a URL asks for. */
export function loadChanges(search: Search) {
  return loadWith("ticket:view", async (actor) => {
    const query = changeListSchema.parse(search);
    return {
      page: await listChanges(query),
      sort: query.sort,
      mayRegister: allows(actor.roles, "ticket:register"),
      maySeeProviders: allows(actor.roles, "ticket-provider:view"),
    };
  });
}

/** What the form of a new change starts with. */
export function loadRegister() {
  return loadWith("ticket:register", () => Promise.resolve({}));
}

/** One change; what is unknown or malformed is not found. */
export const loadChange = cache((changeId: string) =>
  loadWith("ticket:view", async (actor) => {
    const id = changeIdSchema.safeParse({ changeId });
    const change = id.success ? await readChangeView(id.data.changeId, actor) : null;
    if (!change) notFound();
    return change;
  }),
);

/** Where tickets come from, and how each of them answers. */
export function loadProviders() {
  return loadWith("ticket-provider:view", async (actor) => ({ ...(await readProviderViews()), mayManage: allows(actor.roles, "ticket-provider:manage") }));
}

/** One ticket system, to be changed. Secrets never leave the server. */
export const loadProvider = cache((providerId: string) =>
  loadWith("ticket-provider:manage", async () => {
    const id = providerIdSchema.safeParse({ providerId });
    const provider = id.success ? await readProviderForm(id.data.providerId) : null;
    if (!provider) notFound();
    return provider;
  }),
);

/** The form of a ticket system that is not there yet. */
export function loadConnectingProvider() {
  return loadWith("ticket-provider:manage", () => Promise.resolve({}));
}
