import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { databaseClock, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { refuse } from "@/lib/platform/result";
import { providerOfRow, readProviders, seenTicket, takesUnknownKeys } from "./data";
import { providerOf, whyOver, whyTicketNotGood, writtenKey, type TicketAsk } from "./rules";
import type { TicketReason, TicketRefusal } from "./types";

export type TicketMoment = "request" | "vote" | "activation" | "recheck";

/** What a request's ticket is judged against; ids, since names are read in the transaction. */
export type TicketSubject = {
  readonly identityId: string;
  readonly entitlementIds: readonly string[];
  readonly requesterId: string | null;
  /** Everybody on the asking side. */
  readonly side: readonly string[];
};

async function askOf(tx: Transaction, subject: TicketSubject): Promise<TicketAsk> {
  const identity = await tx.identity.findUnique({ where: { id: subject.identityId }, select: { name: true } });
  const entitlements = await tx.entitlement.findMany({ where: { id: { in: [...subject.entitlementIds] } }, select: { name: true, system: { select: { name: true } } } });
  const people = await tx.person.findMany({ where: { id: { in: [...subject.side, ...(subject.requesterId ? [subject.requesterId] : [])] } }, select: { id: true, name: true, email: true } });
  const namesOf = (ids: readonly string[]) => people.filter(({ id }) => ids.includes(id)).flatMap(({ id, name, email }) => [id, name, ...(email ? [email] : [])]);
  return {
    assets: [...(identity ? [identity.name] : []), ...entitlements.flatMap(({ name, system }) => [name, system.name])],
    requesters: subject.requesterId ? namesOf([subject.requesterId]) : identity ? [identity.name] : [],
    side: namesOf(subject.side),
  };
}

const readTicket = { id: true, key: true, facts: true, hash: true, fetchedAt: true, failures: true, provider: { omit: { sealedSecrets: true } } } as const;

async function judge(tx: Transaction, ticketId: string, subject: TicketSubject, now: Date) {
  const row = await tx.ticket.findUniqueOrThrow({ where: { id: ticketId }, select: readTicket });
  const provider = providerOfRow(row.provider);
  // Switched off counts as gone: what it said once decides nothing any more.
  const reasons = provider.isEnabled ? whyTicketNotGood(seenTicket(row), { ask: await askOf(tx, subject), now, rules: provider.rules }) : (["too-old"] as TicketReason[]);
  return { row, provider, reasons };
}

function refusalOf({ row, provider, reasons }: Awaited<ReturnType<typeof judge>>): TicketRefusal | null {
  if (reasons.length === 0) return null;
  const detail = { ticket: writtenKey(provider, row.key), provider: provider.name, reasons: reasons.join(", ") };
  return reasons.includes("too-old") ? refuse("ticket-provider-down", detail) : refuse("ticket-not-good", detail);
}

/**
 * Why an ask may not be stored for the ticket that it names; null where nothing stands against it. A provider that is down
 * stands against an ask only where nobody would look at it again (`decidesNow`): else the request waits.
 */
export async function objectionToTicket(
  tx: Transaction,
  written: string | null,
  subject: TicketSubject,
  { now, decidesNow }: { now: Date; decidesNow: boolean },
): Promise<TicketRefusal | null> {
  if (written === null) return null;
  const providers = await readProviders(tx);
  if (providers.length === 0) return null;
  const match = providerOf(providers, written);
  if (!match) return (await takesUnknownKeys(tx)) ? null : refuse("ticket-unknown", { ticket: written, known: providers.map(({ name }) => name).join(", ") });
  const ticket = await tx.ticket.findUnique({ where: { providerId_key: { providerId: match.provider.id, key: match.key } }, select: { id: true } });
  if (!ticket) return refuse("ticket-provider-down", { ticket: written, provider: match.provider.name, reasons: "too-old" });
  const refusal = refusalOf(await judge(tx, ticket.id, subject, now));
  return refusal?.code === "ticket-provider-down" && !decidesNow ? null : refusal;
}

/** Binds a stored request to its ticket, with what was seen of it; from now on it is watched. */
export async function bindTicket(tx: Transaction, requestId: string, written: string | null, subject: TicketSubject, about: { readonly actor: Actor; readonly now: Date; readonly demo: boolean }): Promise<void> {
  const match = written === null ? null : providerOf(await readProviders(tx), written);
  const ticket = match ? await tx.ticket.findUnique({ where: { providerId_key: { providerId: match.provider.id, key: match.key } }, select: { id: true } }) : null;
  if (!ticket) return;
  await tx.ticketLink.create({ data: { requestId, ticketId: ticket.id, linkedAt: about.now } });
  await tx.ticket.updateMany({ where: { id: ticket.id, nextCheckAt: null }, data: { nextCheckAt: about.now } });
  await recordCheck(tx, { ticketId: ticket.id, requestId, subject, moment: "request", ...about });
}

type Checked = { readonly ticketId: string; readonly requestId: string; readonly subject: TicketSubject; readonly moment: TicketMoment; readonly actor: Actor; readonly now: Date; readonly demo: boolean; readonly grantId?: string };

async function recordCheck(tx: Transaction, checked: Checked): Promise<TicketRefusal | null> {
  const judged = await judge(tx, checked.ticketId, checked.subject, checked.now);
  const { row, provider, reasons } = judged;
  await appendEvent(tx, {
    type: "ticket.checked",
    at: checked.now,
    actor: checked.actor,
    subjects: { request: checked.requestId, identity: checked.subject.identityId, ...(checked.grantId ? { grant: checked.grantId } : {}) },
    data: {
      moment: checked.moment,
      providerId: provider.id,
      ticketKey: writtenKey(provider, row.key),
      hash: row.hash,
      fetchedAt: row.fetchedAt?.toISOString() ?? null,
      reasons,
    },
    demo: checked.demo,
  });
  return refusalOf(judged);
}

/**
 * Judges the ticket of a stored request in the caller's transaction, on facts that `freshTicketFacts` fetched before it, and
 * records what was found. Null where it is good, or where the request is bound to none.
 */
export async function ticketRefusals(
  tx: Transaction,
  requestId: string,
  about: { readonly moment: TicketMoment; readonly actor: Actor; readonly now: Date; readonly grantId?: string },
): Promise<TicketRefusal | null> {
  const link = await readLink(tx, requestId);
  return link && recordCheck(tx, { ...link, requestId, ...about });
}

/** What stands against a request's ticket as far as it was seen, for a page. Age is left to the page, which says it. */
export async function ticketRefusalsOf(requestId: string): Promise<readonly TicketReason[]> {
  const link = await readLink(db, requestId);
  if (!link) return [];
  const row = await db.ticket.findUniqueOrThrow({ where: { id: link.ticketId }, select: { fetchedAt: true } });
  const now = await databaseClock.now(db);
  const { reasons } = await judge(db, link.ticketId, link.subject, row.fetchedAt ?? now);
  return [...new Set([...reasons, ...(row.fetchedAt ? (await judge(db, link.ticketId, link.subject, now)).reasons : [])])].filter((reason) => reason !== "too-old");
}

async function readLink(tx: Transaction, requestId: string) {
  const link = await tx.ticketLink.findUnique({
    where: { requestId },
    select: { ticketId: true, request: { select: { identityId: true, requesterId: true, demo: true, entitlements: { select: { entitlementId: true } }, sides: { select: { personId: true } } } } },
  });
  if (!link) return null;
  const { identityId, requesterId, demo, entitlements, sides } = link.request;
  const subject: TicketSubject = { identityId, requesterId, entitlementIds: entitlements.map(({ entitlementId }) => entitlementId), side: sides.map(({ personId }) => personId) };
  return { ticketId: link.ticketId, subject, demo };
}

/**
 * Whether a ticket system vouches for the ticket of an ask, for policy. For a live session what was seen last counts, however
 * old: a server that is down ends nothing.
 */
export async function isVerified(tx: Transaction, written: string | null, subject: TicketSubject, { moment, now }: { moment: TicketMoment; now: Date }): Promise<boolean> {
  const match = written === null ? null : providerOf(await readProviders(tx), written);
  const ticket = match ? await tx.ticket.findUnique({ where: { providerId_key: { providerId: match.provider.id, key: match.key } }, select: { id: true, facts: true, fetchedAt: true } }) : null;
  if (!match || !ticket || ticket.fetchedAt === null) return false;
  if (moment === "recheck") return whyOver(seenTicket(ticket).facts, { now, rules: match.provider.rules }).length === 0;
  return (await judge(tx, ticket.id, subject, now)).reasons.length === 0;
}
