import "server-only";
import { db } from "@/lib/db/client";
import { ticketRefusalsOf } from "../binding";
import { providerOfRow, seenTicket } from "../data";
import { writtenKey } from "../rules";
import type { BoundTicket } from "../types";

/** The ticket that a request is bound to, with what was seen of it; null where it is bound to none. */
export async function readBoundTicket(requestId: string): Promise<BoundTicket | null> {
  const link = await db.ticketLink.findUnique({ where: { requestId }, select: { ticket: { select: { key: true, facts: true, hash: true, fetchedAt: true, provider: { omit: { sealedSecrets: true } } } } } });
  if (!link) return null;
  const { ticket } = link;
  const provider = providerOfRow(ticket.provider);
  const { facts } = seenTicket(ticket);
  const comments = await db.ticketComment.findMany({ where: { requestId }, select: { kind: true, state: true, sentAt: true }, orderBy: [{ createdAt: "asc" }, { id: "asc" }], take: 50 });
  return {
    key: writtenKey(provider, ticket.key),
    provider: provider.name,
    facts: facts && { title: facts.title, url: facts.url, state: facts.state, isOpen: facts.isOpen, approved: facts.approved, approvals: facts.approvals, windowFrom: facts.windowFrom, windowUntil: facts.windowUntil },
    hash: ticket.hash,
    fetchedAt: ticket.fetchedAt?.toISOString() ?? null,
    downSince: provider.downSince?.toISOString() ?? null,
    reasons: await ticketRefusalsOf(requestId),
    comments: comments.map(({ kind, state, sentAt }) => ({ kind, state, sentAt: sentAt?.toISOString() ?? null })),
  };
}
