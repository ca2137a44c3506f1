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
