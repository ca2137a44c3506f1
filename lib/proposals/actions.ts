"use server";

import { action } from "@/lib/auth/action";
import { decideProposal } from "./mutations";
import { proposalIdSchema } from "./schema";

export const confirmProposalAction = action({
  name: "proposal.confirm",
  permission: "proposal:decide",
  input: proposalIdSchema,
  run: ({ actor, input }) => decideProposal({ actor, proposalId: input.proposalId, answer: "confirm" }),
});

export const rejectProposalAction = action({
  name: "proposal.reject",
  permission: "proposal:decide",
  input: proposalIdSchema,
  run: ({ actor, input }) => decideProposal({ actor, proposalId: input.proposalId, answer: "reject" }),
});
