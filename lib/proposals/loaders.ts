import "server-only";
import { loadWith } from "@/lib/auth/session";
import { readAdministrators, readWaitingProposals } from "./data";
import { kindOf } from "./kinds";
import { whyNotConfirm } from "./rules";
import type { ProposalView } from "./types";

/** What waits for a second administrator, and whether the person who looks can be that one. */
export function loadProposals() {
  return loadWith("proposal:view", async (actor): Promise<readonly ProposalView[]> => {
    const [waiting, administrators] = await Promise.all([readWaitingProposals(), readAdministrators()]);
    const now = new Date();
    return Promise.all(
      waiting.map(async (proposal) => ({
        id: proposal.id,
        kind: proposal.kind,
        ...(await kindOf(proposal.kind).say(proposal.payload)),
        proposedBy: { id: proposal.proposedBy.id, name: proposal.proposedBy.name, hasLeft: proposal.proposedBy.leftAt !== null },
        proposedAt: proposal.proposedAt.toISOString(),
        decideBefore: proposal.decideBefore.toISOString(),
        whyNot: whyNotConfirm(proposal, { actorId: actor.personId, administrators, now }),
        isYours: proposal.proposedById === actor.personId,
      })),
    );
  });
}
