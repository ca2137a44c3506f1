import type { RequestState, SideReason, StageState } from "@/lib/requests/types";
import type { Group } from "./schema";

/** Why somebody is asked in a stage: as one of its group, for somebody else, or since its time was over. */
export const memberReasons = ["asked", "joined", "stands-in", "delegate", "escalated"] as const;
export type MemberReason = (typeof memberReasons)[number];

/** Why somebody is asked no longer. */
export const removalReasons = ["left-group", "asking-side", "no-role", "has-left", "no-longer-acts"] as const;
export type RemovalReason = (typeof removalReasons)[number];

/** One way to vote: a person on a seat of the group, their own or that of somebody whom they act for. */
export type Seat = { readonly personId: string; readonly seatOfId: string };

/** A seat with the reason for which it is there. */
export type AskedSeat = Seat & { readonly why: MemberReason };

/** One person on the asking side, and why. */
export type SidePerson = { readonly personId: string; readonly why: SideReason };

/** A stage, as the rules judge it. */
export type StageFacts = {
  readonly id: string;
  /** Stages at one position are asked at the same time. */
  readonly position: number;
  readonly needed: number;
  readonly state: StageState;
  /** Who may vote at this moment, on each seat that they could take. */
  readonly seats: readonly Seat[];
  /** Approvals given: by whom, on whose seat. */
  readonly votes: readonly Seat[];
  /** Without a decision it is over then; null while it has no end of its own. */
  readonly lapsesAt: Date | null;
};

/** A request with its stages, as the rules judge it. */
export type Deciding<Stage extends StageFacts = StageFacts> = {
  readonly state: RequestState;
  readonly version: number;
  readonly decideBefore: Date;
  readonly grantedDurationSeconds: number;
  readonly side: readonly SidePerson[];
  readonly stages: readonly Stage[];
};

/** What a request's groups are taken from. */
export type GroupFacts = {
  readonly entitlements: readonly { readonly id: string; readonly resourceOwnerId: string | null; readonly resourceTeamId: string | null }[];
  readonly identity: { readonly ownerId: string | null; readonly sponsorId: string | null };
};

export type { Group };
