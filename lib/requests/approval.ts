import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { Transaction } from "@/lib/db/transaction";
import { activateBefore, capsOf, strictestCaps } from "@/lib/entitlements/rules";
import { createGrant } from "@/lib/grants/mutations";
import { appendEvent } from "@/lib/ledger/append";
import { tellOver } from "@/lib/notifications/occasions";
import { newId } from "@/lib/platform/ids";
import type { Moment } from "@/lib/policies/types";
import type { Assessment, Asker, AskTerms } from "./assessment";
import type { LockedRequest } from "./data";
import { noteExtension, startsOf } from "./extension";
import type { GivenTerms } from "./rules";

/** The ask of a stored request on the terms that would be given, to put the question again. */
export function askOf(request: LockedRequest, terms: Omit<GivenTerms, "idleSeconds">): AskTerms {
  const asker: Asker =
    request.requesterIdentityId === null
      ? { kind: "person", personId: request.requesterId ?? "" }
      : { kind: "workload", identityId: request.requesterIdentityId, triggeredById: request.triggeredById };
  return {
    asker,
    identityId: request.identityId,
    entitlementIds: terms.entitlementIds,
    purpose: request.purpose,
    durationSeconds: terms.durationSeconds,
    maxUses: terms.maxUses,
    ticketKey: request.ticketKey,
    sourceAddress: request.sourceAddress,
    extendsId: request.extendsId,
  };
}

/** Stores what policy answered, once per entitlement asked for, with its event. */
export async function recordDecisions(
  tx: Transaction,
  requestId: string,
  assessment: Assessment,
  about: { readonly moment: Moment; readonly actor: Actor; readonly now: Date; readonly demo: boolean; readonly grantId?: string },
): Promise<void> {
  for (const [index, answer] of assessment.answers.entries()) {
    const entitlementId = assessment.facts?.entitlements[index]?.id ?? null;
    const { policyHash, inputHash, determining, outcome, reasons } = answer;
    await tx.decision.create({
      data: {
        id: newId(),
        requestId,
        entitlementId,
        moment: about.moment,
        policyHash,
        inputHash,
        input: JSON.parse(JSON.stringify(answer.input ?? {})),
        outcome,
        determining: [...determining],
        reasons: reasons.map(({ policyId, text }) => ({ policyId, text })),
        obligations: JSON.parse(JSON.stringify(answer.obligations ?? {})),
        decidedAt: about.now,
      },
    });
    await appendEvent(tx, {
      type: "policy.decided",
      at: about.now,
      actor: about.actor,
      subjects: { request: requestId, ...(about.grantId ? { grant: about.grantId } : {}) },
      data: { ...(entitlementId === null ? {} : { entitlementId }), moment: about.moment, outcome, policyHash, inputHash, determining: [...determining] },
      demo: about.demo,
    });
  }
}

/** Approves a request: its state, its event and one ready grant per entitlement, in the caller's transaction. */
export async function approveRequest(
  tx: Transaction,
  request: LockedRequest,
  { actor, now, automatically, terms }: { actor: Actor; now: Date; automatically: boolean; terms: GivenTerms },
): Promise<void> {
  const { durationSeconds, maxUses, idleSeconds } = terms;
  const given = request.entitlements.filter(({ entitlementId }) => terms.entitlementIds.includes(entitlementId));
  const caps = strictestCaps(given.map(({ entitlement }) => capsOf(entitlement)));
  const startOf = await startsOf(tx, request, now);
  const starts = given.map(({ entitlementId }) => startOf(entitlementId).notBefore ?? now);
  const before = activateBefore(starts.reduce((latest, start) => (start > latest ? start : latest), now), caps);
  await tx.request.update({
    where: { id: request.id },
    data: { state: "approved", decidedAt: now, activateBefore: before, grantedDurationSeconds: durationSeconds, maxUses, idleSeconds, version: { increment: 1 } },
  });
  await appendEvent(tx, {
    type: "request.approved",
    at: now,
    actor,
    subjects: { request: request.id, identity: request.identityId },
    data: { durationSeconds, activateBefore: before.toISOString(), automatically },
    demo: request.demo,
  });
  await tellOver(tx, now, request.id, { outcome: "approved", actor });
  await noteExtension(tx, request, { actor, now });
  for (const { entitlementId, entitlement } of given) {
    await createGrant(
      tx,
      {
        requestId: request.id,
        identityId: request.identityId,
        entitlementId,
        systemId: entitlement.systemId,
        durationSeconds,
        maxUses,
        idleSeconds,
        activateBefore: before,
        ...startOf(entitlementId),
        demo: request.demo,
      },
      { actor, now },
    );
  }
}
