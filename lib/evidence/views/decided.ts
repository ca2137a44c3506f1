import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import type { Prisma } from "@/lib/db/generated/client";
import type { StoredEvent } from "@/lib/ledger/read";
import type { BoundTicket } from "@/lib/tickets/types";
import type { EventView, PasskeyProofView, PolicyView, StageView, TicketMoment, VoteView } from "./chain-types";

const mostDecisions = 50;
const name = { select: { name: true } } as const;
const textsSchema = z.record(z.string(), z.string());
const reasonsSchema = z.array(z.object({ text: z.string() }));
const checkedSchema = z.object({ hash: z.string().nullable(), fetchedAt: z.string().nullable() });

/** What of a request tells how it was decided. */
export const decidedParts = {
  stages: {
    orderBy: [{ position: "asc" }, { label: "asc" }, { id: "asc" }],
    include: {
      votes: {
        orderBy: [{ votedAt: "asc" }, { id: "asc" }],
        include: { person: name, seatOf: name, proof: { select: { id: true, verifiedAt: true, userVerified: true, use: { select: { usedFor: true, usedBy: true } } } } },
      },
      members: { select: { personId: true } },
    },
  },
  decisions: { include: { entitlement: name }, orderBy: [{ decidedAt: "asc" }, { id: "asc" }], take: mostDecisions },
} as const satisfies Prisma.RequestInclude;

type StageRow = Prisma.StageGetPayload<(typeof decidedParts)["stages"]>;
type VoteRow = StageRow["votes"][number];
type DecisionRow = Prisma.DecisionGetPayload<{ include: { entitlement: typeof name } }>;

/** Whose seat a vote took, where the voter acted for somebody. */
export function otherSeat({ personId, seatOfId, seatOf }: Pick<VoteRow, "personId" | "seatOfId" | "seatOf">): string | null {
  return seatOf && seatOfId !== personId ? seatOf.name : null;
}

function passkeyOf({ id, proof }: VoteRow): PasskeyProofView | null {
  return proof && {
    proofId: proof.id,
    verifiedAt: proof.verifiedAt.toISOString(),
    userVerified: proof.userVerified,
    isOverThisVote: proof.use?.usedFor === "vote" && proof.use.usedBy === id,
  };
}

function voteOf(vote: VoteRow, openedAt: Date | null): VoteView {
  return {
    id: vote.id,
    name: vote.person.name,
    seatOf: otherSeat(vote),
    answer: vote.answer === "approve" ? "approve" : "deny",
    reason: vote.reason,
    at: vote.votedAt.toISOString(),
    durationSeconds: vote.durationSeconds,
    isVoid: vote.voidedAt !== null,
    // A stage that was opened anew after this vote says nothing of how long this one took.
    tookMs: openedAt === null || vote.votedAt < openedAt ? null : vote.votedAt.getTime() - openedAt.getTime(),
    wasOpened: vote.wasOpened,
    batchSize: vote.batchSize,
    isHasty: vote.isHasty,
    passkey: passkeyOf(vote),
  };
}

/** Who was asked, and how each voted. */
export function stagesOf(rows: readonly StageRow[]): StageView[] {
  return rows.map((stage) => ({
    id: stage.id,
    position: stage.position,
    label: stage.label,
    needed: stage.needed,
    asked: new Set(stage.members.map(({ personId }) => personId)).size,
    state: (["waiting", "open", "approved", "denied", "void"] as const).find((state) => state === stage.state) ?? "void",
    votes: stage.votes.map((vote) => voteOf(vote, stage.openedAt)),
  }));
}

/** Each answer of policy with the text of the policies that made it, as they stood in the set that was asked. */
export async function readPolicy(decisions: readonly DecisionRow[], isOneOfSeveral: boolean): Promise<PolicyView[]> {
  const hashes = [...new Set(decisions.map(({ policyHash }) => policyHash))];
  const sets = await db.policySet.findMany({ where: { hash: { in: hashes } }, select: { hash: true, version: true, policies: true } });
  return decisions.map((decision) => {
    const set = sets.find(({ hash }) => hash === decision.policyHash);
    const texts = set ? (textsSchema.safeParse(set.policies).data ?? {}) : null;
    return {
      id: decision.id,
      moment: decision.moment,
      entitlement: isOneOfSeveral ? (decision.entitlement?.name ?? null) : null,
      outcome: decision.outcome,
      at: decision.decidedAt.toISOString(),
      policyHash: decision.policyHash,
      policyVersion: set?.version ?? null,
      inputHash: decision.inputHash,
      determining: decision.determining,
      reasons: reasonsSchema.safeParse(decision.reasons).data?.map(({ text }) => text) ?? [],
      input: JSON.stringify(decision.input, null, 2),
      texts: texts && decision.determining.flatMap((id) => (texts[id] === undefined ? [] : [{ id, text: texts[id].trim() }])),
    };
  });
}

/** What the ticket was whenever it was looked at for this chain: each look is an event. */
export function ticketMomentsOf(stored: readonly StoredEvent[], events: readonly EventView[], ticket: BoundTicket | null): TicketMoment[] {
  return stored.flatMap((event) => {
    const checked = event.type === "ticket.checked" ? checkedSchema.safeParse(event.data).data : undefined;
    const view = events.find(({ id }) => id === event.eventId.toString());
    if (!checked || !view) return [];
    const state = checked.hash !== null && checked.hash === ticket?.hash ? (ticket.facts?.state ?? null) : null;
    return [{ ...checked, eventId: view.id, at: view.at, sentence: view.sentence, state }];
  });
}
