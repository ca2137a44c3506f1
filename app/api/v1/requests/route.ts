import { route } from "@/lib/auth/route";
import { refusalResponse } from "@/lib/platform/problem";
import { submitRequest } from "@/lib/requests/mutations";
import { workloadAskSchema } from "@/lib/requests/schema";
import { findEntitlement } from "@/lib/requests/workload-view";

const pollSeconds = 3;

/** A workload asks for itself. 202 with where to look again; the same idempotency key again answers with the same request. */
export const POST = route({
  name: "v1.ask",
  auth: "workload",
  input: workloadAskSchema,
  run: async ({ actor, input, correlationId }) => {
    const { entitlement, entitlements = [], notBefore, extends: extendsId, ...ask } = input;
    const entitlementIds: string[] = [];
    for (const reference of entitlement === undefined ? entitlements : [entitlement]) {
      const entitlementId = await findEntitlement(reference);
      if (!entitlementId) return refusalResponse({ ok: false, code: "unknown-entitlement", detail: { entitlement: reference } }, correlationId, { status: 422 });
      if (!entitlementIds.includes(entitlementId)) entitlementIds.push(entitlementId);
    }
    const start = notBefore === undefined ? undefined : new Date(notBefore);
    const asked = await submitRequest({ actor, ...ask, notBefore: start, extendsId, entitlementIds, identityId: actor.identityId, sourceAddress: null });
    if (!asked.ok) return refusalResponse(asked, correlationId);
    const poll = `/api/v1/requests/${asked.value.requestId}`;
    return Response.json({ ...asked.value, poll, retryAfterSeconds: pollSeconds }, { status: 202, headers: { location: poll, "retry-after": String(pollSeconds) } });
  },
});
