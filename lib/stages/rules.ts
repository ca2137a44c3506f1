import type { SideReason } from "@/lib/requests/types";
import type { AskedSeat, Deciding, Seat, SidePerson, StageFacts } from "./types";

export type VoteRefusal =
  | "not-pending"
  | "decision-time-over"
  | "own-side"
  | "not-asked"
  | "already-voted"
  | "seat-taken"
  | "not-your-turn"
  | "changed-since-seen"
  | "not-narrower";

type Refused = { readonly ok: false; readonly code: VoteRefusal; readonly why?: SideReason };

/** Where somebody's vote counts: in a stage, on a seat. */
export type Place<Stage extends StageFacts> = { readonly stage: Stage; readonly seatOfId: string };

const isUndecided = ({ state }: StageFacts) => state === "open" || state === "waiting";

type Staffing = Pick<StageFacts, "needed" | "seats" | "votes">;

/**
 * The first stage that cannot be filled any more, or null when all can. Nobody counts in two stages and no seat counts twice:
 * a flow from stages over seats to persons by augmenting paths, so that somebody who fits two stages is put where nobody else fits.
 */
export function unfillableStage(stages: readonly Staffing[]): number | null {
  const spent = new Set(stages.flatMap(({ votes }) => votes.map(({ personId }) => personId)));
  const free = stages.map(({ seats, votes }) => freeSeats(seats, votes, spent));
  const takenBy = new Map<string, string>();
  const seatOf = new Map<string, { stage: number; seat: string }>();
  const key = (stage: number, seat: string) => `${stage} ${seat}`;

  const fill = (stage: number, seen: Set<string>): boolean => {
    for (const seat of free[stage]?.keys() ?? []) {
      if (takenBy.has(key(stage, seat)) || seen.has(key(stage, seat))) continue;
      if (sit(stage, seat, seen)) return true;
    }
    return false;
  };
  const sit = (stage: number, seat: string, seen: Set<string>): boolean => {
    seen.add(key(stage, seat));
    for (const person of free[stage]?.get(seat) ?? []) {
      if (seen.has(person)) continue;
      seen.add(person);
      const held = seatOf.get(person);
      const moved = held && !seen.has(key(held.stage, held.seat)) && sit(held.stage, held.seat, seen);
      if (held && !moved) {
        if (!fill(held.stage, seen)) continue;
        takenBy.delete(key(held.stage, held.seat));
      }
      seatOf.set(person, { stage, seat });
      takenBy.set(key(stage, seat), person);
      return true;
    }
    return false;
  };
  for (const [index, { needed, votes }] of stages.entries()) {
    for (let missing = needed - votes.length; missing > 0; missing--) if (!fill(index, new Set())) return index;
  }
  return null;
}

/** Per seat that nobody voted on: who could, of those who have not voted anywhere. */
function freeSeats(seats: readonly Seat[], votes: readonly Seat[], spent: ReadonlySet<string>): Map<string, string[]> {
  const free = new Map<string, string[]>();
  for (const { personId, seatOfId } of seats) {
    if (spent.has(personId) || votes.some((vote) => vote.seatOfId === seatOfId)) continue;
    free.set(seatOfId, [...(free.get(seatOfId) ?? []), personId]);
  }
  return free;
}

/** The stages that still ask, which is where nobody may be missing. */
export function missingIn<Stage extends StageFacts>(stages: readonly Stage[]): Stage | null {
  // Approved stages stay in, so that who voted there counts as spent.
  const asking = stages.map((stage) => (isUndecided(stage) ? stage : { ...stage, needed: 0 }));
  const index = unfillableStage(asking);
  return index === null ? null : (stages[index] ?? null);
}

/** Why this person cannot decide this request now, or where they can. The screen asks the same rule as the mutation. */
export function placeFor<Stage extends StageFacts>(
  request: Deciding<Stage>,
  { personId, now }: { readonly personId: string; readonly now: Date },
): ({ readonly ok: true } & Place<Stage>) | Refused {
  if (request.state !== "pending") return { ok: false, code: "not-pending" };
  if (request.decideBefore <= now) return { ok: false, code: "decision-time-over" };
  const own = request.side.find((entry) => entry.personId === personId);
  if (own) return { ok: false, code: "own-side", why: own.why };
  const { stages } = request;
  if (stages.some(({ votes }) => votes.some((vote) => vote.personId === personId))) return { ok: false, code: "already-voted" };
  const asking = stages.filter(({ state, seats }) => state === "open" && seats.some((seat) => seat.personId === personId));
  const inTime = asking.filter(({ lapsesAt }) => lapsesAt === null || lapsesAt > now);
  const places = inTime.flatMap((stage) => freePlaces(stage, personId));
  const [first] = places;
  if (first) return { ok: true, ...(places.length === 1 ? first : (places.find((place) => !strands(stages, place, personId)) ?? first)) };
  if (inTime.length > 0) return { ok: false, code: "seat-taken" };
  if (asking.length > 0) return { ok: false, code: "decision-time-over" };
  const later = stages.some(({ state, seats }) => state === "waiting" && seats.some((seat) => seat.personId === personId));
  return { ok: false, code: later ? "not-your-turn" : "not-asked" };
}

/** Free seats that a person could take in a stage, their own first. */
function freePlaces<Stage extends StageFacts>(stage: Stage, personId: string): Place<Stage>[] {
  const seats = stage.seats.filter((seat) => seat.personId === personId && !stage.votes.some((vote) => vote.seatOfId === seat.seatOfId));
  const isOwn = (seat: Seat) => Number(seat.seatOfId === personId);
  return [...seats].sort((a, b) => isOwn(b) - isOwn(a)).map(({ seatOfId }) => ({ stage, seatOfId }));
}

/** Whether nobody could fill what is left once this vote is counted there. */
function strands(stages: readonly StageFacts[], { stage, seatOfId }: Place<StageFacts>, personId: string): boolean {
  return missingIn(withVote(stages, stage.id, { personId, seatOfId })) !== null;
}

function withVote<Stage extends StageFacts>(stages: readonly Stage[], stageId: string, vote: Seat): Stage[] {
  return stages.map((stage) => (stage.id === stageId ? { ...stage, votes: [...stage.votes, vote] } : stage));
}

export type VoteCommand = {
  readonly personId: string;
  readonly answer: "approve" | "deny";
  /** The version that the voter saw; anything newer must be looked at first. */
  readonly version: number;
  readonly durationSeconds: number;
  readonly now: Date;
};

export type Counted<Stage extends StageFacts> = Place<Stage> & {
  readonly ok: true;
  readonly completes: "nothing" | "stage" | "request";
  readonly narrowed: boolean;
  /** Stages that are asked from here on. */
  readonly opens: readonly string[];
};

/** One person's vote. A deny by one ends the request; an approval may narrow the duration and never widen it. */
export function vote<Stage extends StageFacts>(request: Deciding<Stage>, command: VoteCommand): Counted<Stage> | Refused {
  const place = placeFor(request, command);
  if (!place.ok) return place;
  if (command.version !== request.version) return { ok: false, code: "changed-since-seen" };
  if (command.answer === "deny") return { ...place, completes: "request", narrowed: false, opens: [] };
  if (command.durationSeconds > request.grantedDurationSeconds || command.durationSeconds < 1) return { ok: false, code: "not-narrower" };
  const narrowed = command.durationSeconds < request.grantedDurationSeconds;
  if (place.stage.votes.length + 1 < place.stage.needed) return { ...place, completes: "nothing", narrowed, opens: [] };
  const left = request.stages.filter((stage) => isUndecided(stage) && stage.id !== place.stage.id);
  return { ...place, completes: left.length === 0 ? "request" : "stage", narrowed, opens: nextOpen(left) };
}

/** Once nothing is open any more, the next position opens: all its stages at once. */
function nextOpen(left: readonly StageFacts[]): string[] {
  if (left.some(({ state }) => state === "open")) return [];
  const next = Math.min(...left.map(({ position }) => position));
  return left.filter(({ position }) => position === next).map(({ id }) => id);
}

/** The time of a stage that opens now. */
export function timesFrom(now: Date, time: { readonly withinSeconds: number | null; readonly remindAfterSeconds: number | null }): { readonly remindAt: Date | null; readonly dueAt: Date | null } {
  const after = (seconds: number | null) => (seconds === null ? null : new Date(now.getTime() + seconds * 1000));
  return { remindAt: after(time.remindAfterSeconds), dueAt: after(time.withinSeconds) };
}

export type Timed = {
  readonly state: StageFacts["state"];
  readonly remindAt: Date | null;
  readonly remindedAt: Date | null;
  readonly dueAt: Date | null;
  readonly escalatedAt: Date | null;
  /** Somebody else is asked before it lapses. */
  readonly escalates: boolean;
};

/**
 * What the time asks for. A worker that was away comes to the last of it: whoever an escalation asks has the whole time from
 * then on, and nobody is reminded of what is over.
 */
export function dueFor(stage: Timed, now: Date): "remind" | "escalate" | "lapse" | null {
  if (stage.state !== "open") return null;
  if (stage.dueAt !== null && stage.dueAt <= now) return stage.escalates && stage.escalatedAt === null ? "escalate" : "lapse";
  return stage.remindAt !== null && stage.remindedAt === null && stage.remindAt <= now ? "remind" : null;
}

/** When a stage ends the request if nobody decides; null while an escalation comes first. */
export function lapsesAt({ dueAt, escalates, escalatedAt }: Pick<Timed, "dueAt" | "escalates" | "escalatedAt">): Date | null {
  return escalates && escalatedAt === null ? null : dueAt;
}

/** What has to change for exactly `wanted` to be asked. The same again changes nothing. */
export function seatChanges(asked: readonly Seat[], wanted: readonly AskedSeat[]): { readonly added: readonly AskedSeat[]; readonly removed: readonly Seat[] } {
  const has = (list: readonly Seat[], { personId, seatOfId }: Seat) => list.some((seat) => seat.personId === personId && seat.seatOfId === seatOfId);
  return { added: wanted.filter((seat) => !has(asked, seat)), removed: asked.filter((seat) => !has(wanted, seat)) };
}

/** The side with whoever acts for one of it. Those who left it stay. */
export function joinedSide(known: readonly SidePerson[], current: readonly SidePerson[]): SidePerson[] {
  return current.filter((entry) => !known.some(({ personId, why }) => personId === entry.personId && why === entry.why));
}

/** "Stage 1 of 2", and that others are asked at the same time: stages at one position share its number. */
export function stagePlaceWords(stage: { readonly position: number }, stages: readonly { readonly position: number }[]): string {
  const positions = [...new Set(stages.map(({ position }) => position))].sort((a, b) => a - b);
  const atOnce = stages.filter(({ position }) => position === stage.position).length > 1 ? ", at once" : "";
  const of = positions.length > 1 ? ` of ${positions.length}` : "";
  return `Stage ${positions.indexOf(stage.position) + 1}${of}${atOnce}`;
}

/** Who voted, and for whom: "Ben Approver for Ada Owner". */
export function voterWords({ name, seatOf }: { readonly name: string; readonly seatOf: string | null }): string {
  return seatOf === null ? name : `${name} for ${seatOf}`;
}
