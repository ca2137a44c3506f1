import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Transaction } from "@/lib/db/transaction";
import { subjectKinds } from "@/lib/ledger/events";
import { AppError } from "@/lib/platform/errors";
import { proposalStates, type ProposalState } from "./types";

/** Waiting proposals are few: each is a decision of an administrator. */
const most = 100;

const subjectsSchema = z.partialRecord(z.enum(subjectKinds), z.uuid());

function parseState(text: string): ProposalState {
  const known = proposalStates.find((state) => state === text);
  if (!known) throw new AppError("integrity", `unknown state of proposal ${text}`);
  return known;
}

export type LockedProposal = NonNullable<Awaited<ReturnType<typeof lockProposal>>>;

/** Locks a proposal for the rest of the transaction. */
export async function lockProposal(tx: Transaction, id: string) {
  const locked = await tx.$queryRaw<{ id: string }[]>`select id from proposals where id = ${id}::uuid for update`;
  const row = locked.length === 0 ? null : await tx.proposal.findUnique({ where: { id } });
  return row ? { ...row, state: parseState(row.state), subjects: subjectsSchema.parse(row.subjects) } : null;
}

/** Proposals that wait, the oldest first. */
export async function readWaitingProposals() {
  const rows = await db.proposal.findMany({
    where: { state: "waiting" },
    select: {
      id: true, kind: true, payload: true, subjects: true, state: true, proposedById: true, proposedAt: true, decideBefore: true,
      proposedBy: { select: { id: true, name: true, leftAt: true } },
    },
    orderBy: [{ proposedAt: "asc" }, { id: "asc" }],
    take: most,
  });
  return rows.map((row) => ({ ...row, state: parseState(row.state), subjects: subjectsSchema.parse(row.subjects) }));
}

/** How many proposals wait for this person: not their own, and not about them. Up to 100. */
export async function countProposalsFor(personId: string): Promise<number> {
  const rows = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from (
      select 1 from proposals where state = 'waiting' and proposed_by_id <> ${personId}::uuid
        and subjects ->> 'person' is distinct from ${personId}::text and decide_before > clock_timestamp() limit 100
    ) waiting`;
  return rows[0]?.count ?? 0;
}

/** Ids of administrators who have not left. */
export async function readAdministrators(): Promise<string[]> {
  const rows = await db.personRole.findMany({
    where: { role: "administrator", person: { leftAt: null } },
    select: { personId: true },
    take: 500,
  });
  return rows.map(({ personId }) => personId);
}
