import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { lockGrant } from "@/lib/grants/data";
import { markEnding } from "@/lib/grants/ending";
import { firstIdOf } from "@/lib/platform/ids";
import { logger } from "@/lib/platform/logger";
import { ticketRefusals } from "./binding";
import { providerOfRow, readProvider, seenTicket } from "./data";
import { refreshTicket } from "./checking";
import { whyOver } from "./rules";

const worker: Actor = { kind: "system", process: "worker" };
const most = 200;
const atOnce = 8;

/** Asks again for every ticket that is due because a request lives on it. One slow server keeps nobody else waiting. */
export async function refreshDueTickets(): Promise<void> {
  const due = await db.ticket.findMany({
    where: { nextCheckAt: { lte: new Date() } },
    select: { key: true, providerId: true },
    orderBy: { nextCheckAt: "asc" },
    take: most,
  });
  for (let start = 0; start < due.length; start += atOnce) {
    await Promise.all(
      due.slice(start, start + atOnce).map(async ({ key, providerId }) => {
        const provider = await readProvider(providerId);
        if (provider) await refreshTicket(provider, key);
      }),
    );
  }
}

/** Ends every live session whose ticket is closed, gone, no longer approved or out of its window; answers how many. */
export async function endWithoutTicket(): Promise<number> {
  const live = await db.grant.findMany({
    where: { state: "active", demo: false, request: { ticketLink: { isNot: null } } },
    select: { id: true, request: { select: { ticketLink: { select: { ticketId: true } } } } },
    orderBy: { id: "asc" },
    take: 1_000,
  });
  let ended = 0;
  for (const { id, request } of live) {
    if (request.ticketLink && (await endIfOver(id, request.ticketLink.ticketId))) ended += 1;
  }
  return ended;
}

function endIfOver(grantId: string, ticketId: string): Promise<boolean> {
  return inTransaction(async (tx, now) => {
    const over = await isOver(tx, ticketId, now);
    if (!over) return false;
    const grant = await lockGrant(tx, grantId);
    if (grant?.state !== "active") return false;
    logger.info({ grantId, reasons: over }, "ticket is over");
    await ticketRefusals(tx, grant.requestId, { moment: "recheck", actor: worker, now, grantId });
    await markEnding(tx, grant, { via: "end", reason: "ticket-closed", actor: worker, now });
    return true;
  });
}

async function isOver(tx: Transaction, ticketId: string, now: Date) {
  const row = await tx.ticket.findUniqueOrThrow({ where: { id: ticketId }, select: { facts: true, fetchedAt: true, provider: { omit: { sealedSecrets: true } } } });
  // Never seen: nobody answered yet, which ends nothing.
  if (row.fetchedAt === null) return null;
  const reasons = whyOver(seenTicket(row).facts, { now, rules: providerOfRow(row.provider).rules });
  return reasons.length > 0 ? reasons : null;
}

/** Lets go of tickets whose requests are over and told; what nobody lives on is not asked for any more. */
export async function closeLinks(): Promise<void> {
  await db.$executeRaw`
    update ticket_links l set closed_at = clock_timestamp() from requests r
    where l.closed_at is null and r.id = l.request_id and r.state in ('approved', 'denied', 'withdrawn', 'lapsed')
      and not exists (select 1 from grants g where g.request_id = r.id and g.closed_at is null)
      and (r.state <> 'approved' or exists (select 1 from grants g where g.request_id = r.id))
      and exists (select 1 from ticket_comments c where c.request_id = r.id and c.kind = 'decision')
      and not exists (select 1 from grants g where g.request_id = r.id and g.proven_at is not null
        and not exists (select 1 from ticket_comments c where c.cause = 'proven-end:' || g.id))
      and not exists (select 1 from ticket_comments c where c.request_id = r.id and c.state = 'pending')`;
  await db.$executeRaw`
    update tickets t set next_check_at = null where t.next_check_at is not null
      and not exists (select 1 from ticket_links l where l.ticket_id = t.id and l.closed_at is null)`;
  // Keys that somebody tried while typing. One that nobody answered about is as old as its id.
  const anHour = 3_600_000;
  await db.$executeRaw`
    delete from tickets t where t.facts is null and t.next_check_at is null
      and coalesce(t.fetched_at < clock_timestamp() - ${anHour}::int * interval '1 millisecond', t.id < ${firstIdOf(Date.now() - anHour)}::uuid)
      and not exists (select 1 from ticket_links l where l.ticket_id = t.id) and not exists (select 1 from ticket_snapshots s where s.ticket_id = t.id)`;
}
