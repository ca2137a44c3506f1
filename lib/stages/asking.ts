import "server-only";
import type { Transaction } from "@/lib/db/transaction";
import { notify } from "@/lib/notifications/telling";
import type { NoticeKind } from "@/lib/notifications/types";
import type { LockedRequest } from "@/lib/requests/data";

type Asking = {
  readonly kind: Extract<NoticeKind, "request-to-decide" | "request-reminder" | "request-escalated" | "request-rerouted">;
  readonly people: readonly string[];
  readonly now: Date;
  /** The stage that asks: its people are told once. */
  readonly stageId?: string;
  /** Half a sentence that says more. */
  readonly outcome?: string;
};

/** Tells people about a request that waits for a decision, by name and not by id. */
export async function tellAbout(tx: Transaction, request: LockedRequest, { kind, people, now, stageId, outcome }: Asking): Promise<void> {
  if (people.length === 0) return;
  const row = await tx.request.findUniqueOrThrow({
    where: { id: request.id },
    select: {
      requester: { select: { name: true } },
      requesterIdentity: { select: { name: true } },
      entitlements: { select: { entitlement: { select: { name: true, system: { select: { name: true } } } } }, orderBy: { entitlementId: "asc" } },
    },
  });
  await notify(tx, now, {
    kind,
    people: [...new Set(people)],
    subjects: { request: request.id, identity: request.identityId },
    link: `/requests/${request.id}`,
    words: {
      who: row.requester?.name ?? row.requesterIdentity?.name ?? "",
      identity: request.identity.name,
      entitlement: row.entitlements.map(({ entitlement }) => entitlement.name).join(", "),
      system: row.entitlements[0]?.entitlement.system.name ?? "",
      number: String(request.number),
      until: request.decideBefore.toISOString(),
      ...(outcome ? { outcome } : {}),
    },
    ...(stageId && kind === "request-to-decide" ? { cause: `stage:${stageId}` } : {}),
    demo: request.demo,
  });
}

/** Asks everybody of the stages that are open now; whoever was asked by the same stage before is not told again. */
export async function tellOpenStages(tx: Transaction, request: LockedRequest, stageIds: readonly string[], now: Date): Promise<void> {
  for (const stage of request.stages) {
    if (stageIds.includes(stage.id)) await tellAbout(tx, request, { kind: "request-to-decide", people: stage.members, stageId: stage.id, now });
  }
}
