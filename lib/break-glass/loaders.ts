import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith, requireActor, requirePermission } from "@/lib/auth/session";
import { readRequestView } from "@/lib/requests/views/detail";
import { readEntitlementOption, readIdentityOption, searchEntitlements, searchIdentities } from "@/lib/requests/views/ask";
import { breakGlassIdSchema, pageSchema, startSchema } from "./schema";
import { readGlassView } from "./views/detail";
import { readLive, readPast, readWaitingAndOwed } from "./views/list";
import { readManageOptions, readReadiness } from "./views/readiness";
import type { EmergenciesView, GlassRow } from "./views/types";

type Search = Readonly<Record<string, string | string[] | undefined>>;

/** The screen of emergencies, within what this person may know. */
export function loadEmergencies(search: Search) {
  return loadWith("break-glass:view", async (actor): Promise<EmergenciesView> => {
    const { before } = pageSchema.parse(search);
    const seesReadiness = allows(actor.roles, "break-glass:view-all") || allows(actor.roles, "break-glass:check-seal");
    const [live, { waiting, owed }, past, readiness] = await Promise.all([readLive(actor), readWaitingAndOwed(actor), readPast(actor, before), seesReadiness ? readReadiness(actor) : null]);
    return { asOf: new Date().toISOString(), live, waiting, owed, past: past.rows, after: past.after, mayUse: allows(actor.roles, "break-glass:use"), readiness };
  });
}

/** Emergencies that wait for a second person, or whose debt is open, for the overview. */
export const loadOwed = () =>
  loadWith("break-glass:view", async (actor) => {
    const { waiting, owed } = await readWaitingAndOwed(actor);
    return [...waiting, ...owed];
  });

/** What the forms of the list and of sealed credentials offer. */
export const loadManageOptions = () => loadWith("break-glass:manage", () => readManageOptions());

/** One emergency; what is unknown, malformed or not theirs to know is not found. */
export const loadEmergency = cache((breakGlassId: string) =>
  loadWith("break-glass:view", async (actor) => {
    const id = breakGlassIdSchema.safeParse(breakGlassId);
    const glass = id.success ? await readGlassView(id.data, actor) : null;
    if (!glass) notFound();
    return glass;
  }),
);

/** What the form starts with: what its link filled in, and the first options. */
export async function loadBreakForm(search: Search) {
  const answer = await requirePermission("break-glass:use");
  if (!answer.allowed) return answer;
  const { actor } = answer;
  const link = startSchema.parse(search);
  const request = link.request ? await readRequestView(link.request, actor) : null;
  const escalates = request?.state === "pending" && request.viewer.isRequester && request.entitlements.length === 1 ? request : null;
  const identityId = escalates?.identity.id ?? link.identity;
  const entitlementId = escalates?.entitlements[0]?.id ?? link.entitlement;
  const [identity, entitlement, identities, entitlements] = await Promise.all([
    identityId ? readIdentityOption(actor, identityId) : null,
    entitlementId ? readEntitlementOption(entitlementId) : null,
    searchIdentities(actor, ""),
    searchEntitlements(""),
  ]);
  return { allowed: true as const, value: { identity, entitlement, identities, entitlements, escalates: escalates ? { id: escalates.id, number: escalates.number, ticketKey: escalates.ticketKey } : null } };
}

/** What the frame of every page says while a glass is broken: only to those who may know. */
export const loadBrokenGlasses = cache(async (): Promise<readonly GlassRow[]> => {
  const actor = await requireActor();
  return allows(actor.roles, "break-glass:view") ? readLive(actor) : [];
});
