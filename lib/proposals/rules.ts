import type { ConfirmRefusal, ProposalState, ProposalSubjects } from "./types";

/** How long a proposal waits for a second administrator. */
export const proposalLastsSeconds = 7 * 24 * 60 * 60;

/** Whether a change needs somebody else: once there are two administrators it does. */
export function needsSecond(administrators: readonly string[], actorId: string): boolean {
  return administrators.some((id) => id !== actorId);
}

type Waiting = {
  readonly state: ProposalState;
  readonly proposedById: string;
  readonly subjects: ProposalSubjects;
  readonly decideBefore: Date;
};

type Decider = {
  readonly actorId: string;
  /** Administrators who have not left. */
  readonly administrators: readonly string[];
  readonly now: Date;
};

/** Why this person cannot confirm the proposal; null when they can. Nobody confirms their own, nor what is about themselves. */
export function whyNotConfirm(proposal: Waiting, { actorId, administrators, now }: Decider): ConfirmRefusal | null {
  if (proposal.state !== "waiting") return "not-waiting";
  if (!administrators.includes(actorId)) return "no-longer-administrator";
  if (proposal.proposedById === actorId) return "own-proposal";
  if (proposal.subjects.person === actorId) return "own-side";
  if (proposal.decideBefore <= now) return "too-late";
  if (!administrators.includes(proposal.proposedById)) return "proposer-no-longer-administrator";
  return null;
}

/** Why this person cannot reject the proposal, or take it back where it is their own. */
export function whyNotReject(proposal: Waiting, { actorId, administrators }: Decider): ConfirmRefusal | null {
  if (proposal.state !== "waiting") return "not-waiting";
  return administrators.includes(actorId) ? null : "no-longer-administrator";
}
