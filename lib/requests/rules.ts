import { allows } from "@/lib/auth/permissions";
import type { SidePerson } from "@/lib/stages/types";
import type { RequestState, SideReason } from "./types";

type SideFacts = {
  readonly requesterId: string | null;
  readonly triggeredById: string | null;
  readonly madeForId: string | null;
  readonly identities: readonly {
    readonly ownerId: string | null;
    readonly sponsorId: string | null;
    readonly backupId: string | null;
    readonly creatorId: string | null;
  }[];
};

/** The asking side but for those who act for it: everybody who may not vote, with each reason. */
export function sideOf(facts: SideFacts): SidePerson[] {
  const side: SidePerson[] = [];
  const add = (personId: string | null, why: SideReason) => {
    if (personId !== null && !side.some((entry) => entry.personId === personId && entry.why === why)) side.push({ personId, why });
  };
  add(facts.requesterId, "requester");
  add(facts.triggeredById, "triggered-by");
  add(facts.madeForId, "made-for");
  for (const identity of facts.identities) {
    add(identity.ownerId, "owner");
    add(identity.sponsorId, "sponsor");
    add(identity.backupId, "backup");
    add(identity.creatorId, "creator");
  }
  return side;
}

/** May the request be taken back? Only by who asked, and only while it waits. */
export function withdrawal(request: { state: RequestState; requesterId: string | null }, personId: string): "ok" | "not-requester" | "not-pending" {
  if (request.requesterId === null || request.requesterId !== personId) return "not-requester";
  return request.state === "pending" ? "ok" : "not-pending";
}

/** Who may see a request: who asked, who is or was asked, the asking side, those who see all. */
export function mayView(
  request: { readonly requesterId: string | null; readonly side: readonly string[]; readonly asked: readonly string[] },
  viewer: { readonly personId: string; readonly seesAll: boolean },
): boolean {
  return (
    viewer.seesAll ||
    request.requesterId === viewer.personId ||
    request.side.includes(viewer.personId) ||
    request.asked.includes(viewer.personId)
  );
}

type Held = {
  readonly identity: { readonly id: string; readonly ownerId: string | null; readonly sponsorId: string | null; readonly backupId: string | null } | null;
  readonly entitlements: readonly { readonly id: string; readonly name: string; readonly standing: boolean }[];
};

/** Who asks, as far as it decides what they may know. */
type Asker = { readonly kind: "workload"; readonly identityId: string } | { readonly kind: "person"; readonly personId: string; readonly roles: readonly string[] };

/**
 * What of an ask the identity holds standing, as far as whoever asks may know: the identity itself, those who answer for it,
 * and those who see the reach of any. They say why they ask all the same.
 */
export function standingToExplain({ identity, entitlements }: Held, actor: Asker): Held["entitlements"] {
  if (identity === null) return [];
  const knows =
    actor.kind === "workload"
      ? actor.identityId === identity.id
      : allows(actor.roles, "identity:view-reach") || [identity.ownerId, identity.sponsorId, identity.backupId].includes(actor.personId);
  return knows ? entitlements.filter(({ standing }) => standing) : [];
}

/** What an approval gives at most. */
export type GivenTerms = {
  readonly durationSeconds: number;
  /** Null: no limit. */
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly entitlementIds: readonly string[];
};

/** What would be given now: as asked, less what voters took away. */
export function givenTermsOf(request: {
  readonly grantedDurationSeconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly entitlements: readonly { readonly entitlementId: string; readonly leftOutAt: Date | null }[];
}): GivenTerms {
  const { grantedDurationSeconds: durationSeconds, maxUses, idleSeconds, entitlements } = request;
  return { durationSeconds, maxUses, idleSeconds, entitlementIds: entitlements.flatMap(({ entitlementId, leftOutAt }) => (leftOutAt === null ? [entitlementId] : [])) };
}

/** What a voter gives; what is not named stays as it is. */
export type Giving = {
  readonly durationSeconds: number;
  readonly maxUses?: number | null | undefined;
  readonly idleSeconds?: number | null | undefined;
  readonly leaveOut?: readonly string[] | undefined;
};

/** Whether everything in `inner` is given by `outer`, too: an answer about more covers less. */
export function covers(outer: GivenTerms, inner: GivenTerms): boolean {
  const within = (most: number | null, value: number | null) => most === null || (value !== null && value <= most);
  return (
    inner.durationSeconds <= outer.durationSeconds &&
    within(outer.maxUses, inner.maxUses) &&
    within(outer.idleSeconds, inner.idleSeconds) &&
    inner.entitlementIds.every((id) => outer.entitlementIds.includes(id))
  );
}

/** The terms that a vote gives: at most those that are asked, with at least one entitlement; null when it gives more. */
export function narrow(asked: GivenTerms, giving: Giving): { readonly terms: GivenTerms; readonly narrowed: boolean } | null {
  const leaveOut = giving.leaveOut ?? [];
  const terms = {
    durationSeconds: giving.durationSeconds,
    maxUses: giving.maxUses === undefined ? asked.maxUses : giving.maxUses,
    idleSeconds: giving.idleSeconds === undefined ? asked.idleSeconds : giving.idleSeconds,
    entitlementIds: asked.entitlementIds.filter((id) => !leaveOut.includes(id)),
  };
  const isPositive = [terms.durationSeconds, terms.maxUses ?? 1, terms.idleSeconds ?? 1].every((bound) => Number.isSafeInteger(bound) && bound > 0);
  const areKnown = leaveOut.every((id) => asked.entitlementIds.includes(id));
  if (!isPositive || !areKnown || terms.entitlementIds.length === 0 || !covers(asked, terms)) return null;
  return { terms, narrowed: !covers(terms, asked) };
}
