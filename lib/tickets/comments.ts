import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { formatUtc } from "@/lib/platform/format";
import { newId } from "@/lib/platform/ids";
import { enqueue } from "@/lib/worker/enqueue";
import { noteAnswer, openProvider } from "./checking";
import { readProvider } from "./data";
import { TicketFault } from "./providers/contract";
import { commentAttempts, commentPause } from "./rules";

const worker: Actor = { kind: "system", process: "worker" };
const most = 100;

/** What is said at a ticket; stands at the end of each comment, so that it can be found again. */
export function markerOf(commentId: string): string {
  return `curfew:${commentId}`;
}

type Missing = { request_id: string; ticket_id: string; number: number; state: string; grant_id: string | null; kind: "decision" | "activation" | "proven-end"; at: Date; entitlement: string | null; identity: string };

/** What happened to bound requests and was not said at their tickets yet. */
function findMissing(tx: Transaction): Promise<Missing[]> {
  return tx.$queryRaw<Missing[]>`
    with open as (
      select l.request_id, l.ticket_id, r.number, r.state, r.decided_at, i.name as identity
      from ticket_links l join requests r on r.id = l.request_id join identities i on i.id = r.identity_id where l.closed_at is null
    ), happened as (
      select request_id, ticket_id, number, state, null::uuid as grant_id, 'decision' as kind, decided_at as at, null::text as entitlement, identity
      from open where decided_at is not null
      union all
      select o.request_id, o.ticket_id, o.number, o.state, g.id, 'activation', g.activated_at, e.name, o.identity
      from open o join grants g on g.request_id = o.request_id join entitlements e on e.id = g.entitlement_id where g.activated_at is not null
      union all
      select o.request_id, o.ticket_id, o.number, o.state, g.id, 'proven-end', g.proven_at, e.name, o.identity
      from open o join grants g on g.request_id = o.request_id join entitlements e on e.id = g.entitlement_id where g.proven_at is not null
    )
    select h.* from happened h
    where not exists (select 1 from ticket_comments c where c.cause = h.kind || ':' || coalesce(h.grant_id, h.request_id))
    order by h.at limit ${most}`;
}

function textOf(event: Missing, commentId: string): string {
  const request = `Request ${event.number} in Curfew`;
  const said =
    event.kind === "decision" ? `${request} for ${event.identity} was ${event.state} at ${formatUtc(event.at)}.`
    : event.kind === "activation" ? `${request}: ${event.identity} can use ${event.entitlement} since ${formatUtc(event.at)}.`
    : `${request}: the access of ${event.identity} to ${event.entitlement} ended; proven gone at ${formatUtc(event.at)}.`;
  return `${said} ${env.url}/requests/${event.request_id} (${markerOf(commentId)})`;
}

/** Puts what must be said at tickets into the queue, once each. */
export function queueComments(): Promise<number> {
  return inTransaction(async (tx, now) => {
    const missing = await findMissing(tx);
    for (const event of missing) {
      const id = newId();
      const cause = `${event.kind}:${event.grant_id ?? event.request_id}`;
      const made = await tx.ticketComment.createMany({
        data: [{ id, ticketId: event.ticket_id, requestId: event.request_id, kind: event.kind, cause, text: textOf(event, id), state: "pending", createdAt: now }],
        skipDuplicates: true,
      });
      if (made.count > 0) await enqueue(tx, "write-ticket-comment", { commentId: id }, { key: `write-ticket-comment:${id}`, maxAttempts: 3 });
    }
    return missing.length;
  });
}

/**
 * Writes one comment. Looked up by its marker before it is written: a lost answer, a killed worker or a second job never writes
 * it twice. After some attempts it is given up and shown.
 */
export async function writeComment(commentId: string): Promise<void> {
  const row = await db.ticketComment.findUnique({ where: { id: commentId }, select: { id: true, text: true, state: true, attempts: true, ticket: { select: { key: true, providerId: true } } } });
  if (row?.state !== "pending") return;
  const provider = await readProvider(row.ticket.providerId);
  if (!provider) return;
  let fault: TicketFault | null = null;
  try {
    await deliver(provider, row.ticket.key, row);
  } catch (error) {
    if (!(error instanceof TicketFault)) throw error;
    fault = error;
  }
  await recordOutcome(row, provider.id, fault);
}

async function deliver(provider: NonNullable<Awaited<ReturnType<typeof readProvider>>>, key: string, { id, text }: { id: string; text: string }): Promise<void> {
  if (provider.kind === "local") {
    await inTransaction(async (tx, now) => {
      const change = await tx.localChange.findUnique({ where: { number: Number(key) }, select: { id: true } });
      if (change) await tx.localChangeNote.createMany({ data: [{ changeId: change.id, marker: markerOf(id), text, at: now }], skipDuplicates: true });
    });
    return;
  }
  const open = await openProvider(provider);
  if (!open) throw new TicketFault("refused", "no address");
  if (await open.system.hasComment(open.api, key, markerOf(id))) return;
  await open.system.comment(open.api, key, text);
}

function recordOutcome(row: { readonly id: string; readonly attempts: number }, providerId: string, fault: TicketFault | null): Promise<void> {
  return inTransaction(async (tx, now) => {
    const attempts = row.attempts + 1;
    const isDead = fault !== null && (attempts >= commentAttempts || fault.kind === "not-found");
    const state = fault === null ? "sent" : isDead ? "dead" : "pending";
    const { count } = await tx.ticketComment.updateMany({
      where: { id: row.id, state: "pending" },
      data: { attempts, state, lastFailure: fault?.message.slice(0, 200) ?? null, ...(fault ? {} : { sentAt: now }) },
    });
    if (count === 0) return;
    const comment = await tx.ticketComment.findUniqueOrThrow({ where: { id: row.id }, select: { requestId: true, kind: true } });
    const subjects = { request: comment.requestId };
    if (fault === null) await appendEvent(tx, { type: "ticket.commented", at: now, actor: worker, subjects, data: { kind: comment.kind, commentId: row.id } });
    else if (isDead) await appendEvent(tx, { type: "ticket.comment-dead", at: now, actor: worker, subjects, data: { kind: comment.kind, commentId: row.id, attempts } });
    else {
      const runAt = new Date(now.getTime() + Math.max(commentPause(attempts), fault.retryAfterSeconds ?? 0) * 1_000);
      await enqueue(tx, "write-ticket-comment", { commentId: row.id }, { key: `write-ticket-comment-later:${row.id}`, runAt, maxAttempts: 3 });
    }
    await noteAnswer(tx, providerId, fault?.kind === "not-found" ? null : fault, now);
  });
}
