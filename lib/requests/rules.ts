import type { RequestState, SideReason, StageState } from "./types";

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

/** One person on the asking side, and why. */
export type SidePerson = { readonly personId: string; readonly why: SideReason };

/** The asking side: everybody who may not vote, with each reason. */
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

type Staffed = { readonly needed: number; readonly eligible: readonly string[] };

/**
 * The first stage that cannot be filled when nobody counts in two stages, or null when all can: matching by augmenting paths
 * over seats, so that somebody who fits two stages is put where nobody else fits.
 */
export function unstaffableStage(stages: readonly Staffed[]): number | null {
  const seatOf = new Map<string, number>();
  const seats = stages.flatMap((stage, index) => Array.from({ length: stage.needed }, () => index));
  const seat = (index: number, tried: Set<string>): boolean => {
    for (const person of stages[seats[index] ?? -1]?.eligible ?? []) {
      if (tried.has(person)) continue;
      tried.add(person);
      const other = seatOf.get(person);
      if (other === undefined || seat(other, tried)) {
        seatOf.set(person, index);
        return true;
      }
    }
    return false;
  };
  for (let index = 0; index < seats.length; index++) if (!seat(index, new Set())) return seats[index] ?? null;
  return null;
}

export type StageView = {
  readonly id: string;
  readonly position: number;
  readonly needed: number;
  readonly state: StageState;
  readonly members: readonly string[];
  readonly approvals: readonly string[];
};

type Deciding = {
  readonly state: RequestState;
  readonly version: number;
  readonly decideBefore: Date;
  readonly grantedDurationSeconds: number;
  readonly side: readonly SidePerson[];
  readonly stages: readonly StageView[];
};

type VoteCommand = {
  readonly personId: string;
  readonly answer: "approve" | "deny";
  /** The version that the voter saw; anything newer must be looked at first. */
  readonly version: number;
  readonly durationSeconds: number;
  readonly now: Date;
};

export type VoteRefusal =
  | "not-pending"
  | "decision-time-over"
  | "own-side"
  | "not-asked"
  | "already-voted"
  | "not-your-turn"
  | "changed-since-seen"
  | "not-narrower";

export type VoteOutcome =
  | { readonly ok: true; readonly stage: StageView; readonly completes: "nothing" | "stage" | "request"; readonly narrowed: boolean }
  | { readonly ok: false; readonly code: VoteRefusal; readonly why?: SideReason };

const no = (code: VoteRefusal, why?: SideReason): VoteOutcome => (why ? { ok: false, code, why } : { ok: false, code });

/** Why this person cannot decide this request now, or the stage in which they can. The screen asks the same rule as the mutation. */
export function stageFor(
  request: Deciding,
  { personId, now }: { personId: string; now: Date },
): { readonly ok: true; readonly stage: StageView } | { readonly ok: false; readonly code: VoteRefusal; readonly why?: SideReason } {
  if (request.state !== "pending") return { ok: false, code: "not-pending" };
  if (request.decideBefore <= now) return { ok: false, code: "decision-time-over" };
  const own = request.side.find((entry) => entry.personId === personId);
  if (own) return { ok: false, code: "own-side", why: own.why };
  if (request.stages.some((stage) => stage.approvals.includes(personId))) return { ok: false, code: "already-voted" };
  const open = request.stages.find((stage) => stage.state === "open");
  if (open?.members.includes(personId)) return { ok: true, stage: open };
  const later = request.stages.some((stage) => stage.state === "waiting" && stage.members.includes(personId));
  return { ok: false, code: later ? "not-your-turn" : "not-asked" };
}

/** One person's vote. A deny by one ends the request; an approval may narrow the duration and never widen it. */
export function vote(request: Deciding, command: VoteCommand): VoteOutcome {
  const place = stageFor(request, command);
  if (!place.ok) return no(place.code, place.why);
  if (command.version !== request.version) return no("changed-since-seen");
  if (command.answer === "deny") return { ok: true, stage: place.stage, completes: "request", narrowed: false };
  if (command.durationSeconds > request.grantedDurationSeconds || command.durationSeconds < 1) return no("not-narrower");
  const narrowed = command.durationSeconds < request.grantedDurationSeconds;
  const full = place.stage.approvals.length + 1 >= place.stage.needed;
  const last = !request.stages.some((stage) => stage.state === "waiting");
  return { ok: true, stage: place.stage, completes: full ? (last ? "request" : "stage") : "nothing", narrowed };
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
