import "server-only";
import { db } from "@/lib/db/client";
import { Prisma } from "@/lib/db/generated/client";
import { databaseClock, inTransaction, type Transaction } from "@/lib/db/transaction";
import type { Actor } from "@/lib/auth/actor";
import { appendEvent } from "@/lib/ledger/append";
import { tellTicketSystem } from "@/lib/notifications/occasions";
import { newId } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { readLocalTicket, readProvider, readProviders, readSecrets, type Provider } from "./data";
import { reading, TicketFault, type ProviderAccess } from "./providers/contract";
import { ticketSystems } from "./providers/registry";
import { openServer } from "./providers/server";
import { localPrefix, nextCheck, providerOf, writtenKey } from "./rules";
import type { TicketFound, TicketReading } from "./types";

const worker: Actor = { kind: "system", process: "worker" };
/** A look younger than this is not repeated before a decision, in milliseconds. */
const justSeenMs = 2_000;

/** Signs in to a provider outside; null for the register inside. */
export async function openProvider(provider: Provider) {
  if (provider.kind === "local" || provider.baseUrl === null) return null;
  const access: ProviderAccess = { baseUrl: provider.baseUrl, mayBeInside: provider.mayBeInside, secrets: await readSecrets(provider.id), rules: provider.rules };
  const system = ticketSystems[provider.kind];
  return { system, api: openServer(system, access) };
}

/** Fetches a ticket: from the register in the database, else from its server. Throws a `TicketFault` where nobody answers. */
async function fetchTicket(provider: Provider, key: string): Promise<TicketReading | null> {
  if (provider.kind === "local") return readLocalTicket(db, key);
  const open = await openProvider(provider);
  if (!open) throw new TicketFault("refused", "no address");
  try {
    const facts = await open.system.read(open.api, key);
    return reading(facts, open.api.answers);
  } catch (error) {
    if (error instanceof TicketFault && error.kind === "not-found") return null;
    throw error;
  }
}

/** Tickets that a search offers, of every provider at once; one that is down offers nothing. */
export async function searchTickets(text: string): Promise<(TicketFound & { readonly provider: string })[]> {
  const found = await Promise.all((await readProviders()).map((provider) => searchOne(provider, text)));
  return found.flat();
}

async function searchOne(provider: Provider, text: string): Promise<(TicketFound & { provider: string })[]> {
  if (provider.kind === "local") return (await searchChanges(text)).map((row) => ({ ...row, provider: provider.name }));
  if (text.length < 2) return [];
  try {
    const open = await openProvider(provider);
    const stripped = provider.rules.keyPrefix && text.startsWith(provider.rules.keyPrefix) && /\d+$/.test(text) ? (providerOf([provider], text)?.key ?? text) : text;
    const rows = open ? await open.system.search(open.api, stripped) : [];
    return rows.map((row) => ({ ...row, key: writtenKey(provider, row.key), provider: provider.name }));
  } catch (error) {
    if (!(error instanceof TicketFault)) throw error;
    logger.info({ providerId: provider.id, kind: error.kind, reason: error.message }, "ticket search gave nothing");
    return [];
  }
}

async function searchChanges(text: string): Promise<TicketFound[]> {
  const number = Number(/^(?:LC-)?(\d{1,9})$/i.exec(text)?.[1] ?? Number.NaN);
  const rows = await db.localChange.findMany({
    where: { state: { not: "closed" }, OR: [{ title: { contains: text.replace(/[%_\\]/g, "\\$&"), mode: "insensitive" } }, ...(Number.isNaN(number) ? [] : [{ number }])] },
    select: { number: true, title: true, state: true },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 10,
  });
  return rows.map((row) => ({ key: `${localPrefix}${row.number}`, title: row.title, state: row.state }));
}

/** What a provider answered about one ticket, before it is stored. */
type Look = { readonly ok: true; readonly reading: TicketReading | null } | { readonly ok: false; readonly fault: TicketFault };

async function look(provider: Provider, key: string): Promise<Look> {
  try {
    return { ok: true, reading: await fetchTicket(provider, key) };
  } catch (error) {
    if (error instanceof TicketFault) return { ok: false, fault: error };
    throw error;
  }
}

/** The row of a ticket, made at its first mention; in a transaction it is locked. */
async function ticketRow(tx: Pick<Transaction, "$queryRaw">, providerId: string, key: string): Promise<string> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    insert into tickets (id, provider_id, key) values (${newId()}::uuid, ${providerId}::uuid, ${key})
    on conflict (provider_id, key) do update set key = excluded.key returning id`;
  const [row] = rows;
  if (!row) throw new TypeError("a ticket has a row");
  return row.id;
}

/**
 * Asks the provider about a ticket, outside any transaction, and stores what it said. A provider that does not answer leaves the
 * last facts as they are, with their age.
 */
export async function refreshTicket(provider: Provider, key: string, { mayBeSeenSince }: { mayBeSeenSince?: Date } = {}): Promise<string> {
  if (mayBeSeenSince) {
    const row = await db.ticket.findUnique({ where: { providerId_key: { providerId: provider.id, key } }, select: { id: true, fetchedAt: true } });
    if (row?.fetchedAt && row.fetchedAt > mayBeSeenSince) return row.id;
  }
  // As old as the moment before the question: an answer on its way gets no younger.
  const askedAt = await databaseClock.now(db);
  const seen = await look(provider, key);
  return inTransaction(async (tx, now) => {
    // Here and not before: what nobody has an answer about is tidied away, also while its provider is being asked.
    const id = await ticketRow(tx, provider.id, key);
    const before = await tx.ticket.findUniqueOrThrow({ where: { id }, select: { failures: true, fetchedAt: true, nextCheckAt: true } });
    // Two looks may overtake each other: the older one says nothing any more.
    if (before.fetchedAt && before.fetchedAt > askedAt) return id;
    if (seen.ok) await storeReading(tx, id, seen.reading, { askedAt, now, watched: before.nextCheckAt !== null });
    else {
      const failures = before.failures + 1;
      const due = nextCheck(now, { failures, retryAfterSeconds: seen.fault.retryAfterSeconds });
      await tx.ticket.update({ where: { id }, data: { failures, lastFailure: seen.fault.message.slice(0, 200), ...(before.nextCheckAt ? { nextCheckAt: due } : {}) } });
    }
    await noteAnswer(tx, provider.id, seen.ok ? null : seen.fault, now);
    return id;
  });
}

async function storeReading(tx: Transaction, id: string, read: TicketReading | null, { askedAt, now, watched }: { askedAt: Date; now: Date; watched: boolean }): Promise<void> {
  if (read) {
    await tx.ticketSnapshot.createMany({ data: [{ ticketId: id, hash: read.hash, bytes: read.bytes, fetchedAt: askedAt }], skipDuplicates: true });
  }
  await tx.ticket.update({
    where: { id },
    data: {
      ...(read ? { facts: JSON.parse(JSON.stringify(read.facts)), hash: read.hash } : { facts: Prisma.DbNull, hash: null }),
      fetchedAt: askedAt,
      failures: 0,
      lastFailure: null,
      ...(watched ? { nextCheckAt: nextCheck(now, { failures: 0, retryAfterSeconds: null }) } : {}),
    },
  });
}

/** Notes that a provider answers or does not; only the change is an event. */
export async function noteAnswer(tx: Transaction, providerId: string, fault: TicketFault | null, now: Date): Promise<void> {
  const reason = fault ? `${fault.kind}: ${fault.message}`.slice(0, 200) : null;
  const changed = fault
    ? await tx.ticketProvider.updateMany({ where: { id: providerId, downSince: null }, data: { downSince: now, downReason: reason, checkedAt: now } })
    : await tx.ticketProvider.updateMany({ where: { id: providerId, downSince: { not: null } }, data: { downSince: null, downReason: null, checkedAt: now } });
  if (changed.count === 0) return;
  await tellTicketSystem(tx, now, providerId, fault && { refused: fault.kind === "refused" });
  if (fault) await appendEvent(tx, { type: "ticket.provider-down", at: now, actor: worker, subjects: {}, data: { providerId, kind: fault.kind } });
  else await appendEvent(tx, { type: "ticket.provider-answers", at: now, actor: worker, subjects: {}, data: { providerId } });
}

/**
 * Makes the facts behind a written key as fresh as a decision needs them; before the transaction that decides. Answers the
 * ticket, or null where no provider knows such keys.
 */
export async function lookUpTicket(written: string | null | undefined, youngMs = justSeenMs): Promise<string | null> {
  const match = written ? providerOf(await readProviders(), written) : null;
  if (!match) return null;
  return refreshTicket(match.provider, match.key, { mayBeSeenSince: new Date(Date.now() - youngMs) });
}

/** The same for the ticket that a request is bound to. */
export async function freshTicketFacts(requestId: string): Promise<void> {
  const link = await db.ticketLink.findUnique({ where: { requestId }, select: { ticket: { select: { key: true, providerId: true } } } });
  const provider = link ? await readProvider(link.ticket.providerId) : null;
  if (link && provider) await refreshTicket(provider, link.ticket.key, { mayBeSeenSince: new Date(Date.now() - justSeenMs) });
}

/** The same for the request of a grant. */
export async function freshTicketOfGrant(grantId: string): Promise<void> {
  const grant = await db.grant.findUnique({ where: { id: grantId }, select: { requestId: true } });
  if (grant) await freshTicketFacts(grant.requestId);
}

