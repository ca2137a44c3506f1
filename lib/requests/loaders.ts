import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith, requirePermission } from "@/lib/auth/session";
import { readTemplateStart, searchTemplates } from "@/lib/request-templates/views/list";
import { askLinkSchema } from "./views/ask-schema";
import { readAskStart, readEntitlementOption, readIdentityOption, searchEntitlements, searchIdentities } from "./views/ask";
import { listRequests } from "./views/list";
import { readQueue } from "./views/queue-page";
import { approvalListSchema, requestIdSchema, requestListSchema } from "./views/list-schema";
import { readRequestView } from "./views/detail";
import type { RequestScope } from "./views/types";

type Search = Readonly<Record<string, string | string[] | undefined>>;

/** The list of requests that a URL asks for, within what this person may see. */
export function loadRequests(search: Search) {
  return loadWith("request:view", async (actor) => {
    const query = requestListSchema.parse(search);
    const scopes: RequestScope[] = [
      ...(allows(actor.roles, "request:create") ? (["mine"] as const) : []),
      "concerning-me",
      ...(allows(actor.roles, "request:view-all") ? (["all"] as const) : []),
    ];
    const usual = allows(actor.roles, "request:view-all") ? "all" : (scopes[0] ?? "concerning-me");
    const scope = query.of && scopes.includes(query.of) ? query.of : usual;
    const page = await listRequests(actor, scope, query);
    return { page, sort: query.sort, scope, scopes, mayAsk: allows(actor.roles, "request:create"), maySeeTemplates: allows(actor.roles, "template:change"), pageKey: JSON.stringify({ ...query, scope }), asOf: new Date().toISOString() };
  });
}

/** One request; what is unknown, malformed or not theirs to see is not found. */
export const loadRequest = cache((requestId: string) =>
  loadWith("request:view", async (actor) => {
    const id = requestIdSchema.safeParse(requestId);
    const request = id.success ? await readRequestView(id.data, actor) : null;
    if (!request) notFound();
    return request;
  }),
);

/** What waits for this person's vote, and the request that is open beside the queue. */
export function loadApprovals(search: Search) {
  return loadWith("request:decide", async (actor) => {
    const query = approvalListSchema.parse(search);
    const { page, open, pace } = await readQueue(actor, query);
    return { page, open, pace, isChosen: query.open !== undefined, pageKey: query.after ?? query.before ?? "first", asOf: new Date().toISOString() };
  });
}

/** What the form starts with: what its link filled in, and the first options. */
export async function loadAskForm(search: Search) {
  const answer = await requirePermission("request:create");
  if (!answer.allowed) return answer;
  const { actor } = answer;
  const link = askLinkSchema.parse(search);
  const [kind, requestId] = (["extends", "after", "like"] as const).map((name) => [name, link[name]] as const).find(([, id]) => id !== undefined) ?? [];
  const [template, templates, start, identity, entitlement, identities, entitlements] = await Promise.all([
    link.template ? readTemplateStart(actor, link.template) : null,
    searchTemplates(actor, ""),
    kind && requestId ? readAskStart(actor, { kind, requestId }) : null,
    link.identity ? readIdentityOption(actor, link.identity) : null,
    link.entitlement ? readEntitlementOption(link.entitlement) : null,
    searchIdentities(actor, ""),
    searchEntitlements(""),
  ]);
  return { allowed: true as const, value: { template, templates, isTemplateGone: link.template !== undefined && template === null, start, identity, entitlement, identities, entitlements } };
}
