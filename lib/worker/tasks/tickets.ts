import "server-only";
import * as z from "zod";
import { queueComments, writeComment } from "@/lib/tickets/comments";
import { forgetDeliveries } from "@/lib/tickets/deliveries";
import { checkDownProviders } from "@/lib/tickets/providing";
import { closeLinks, endWithoutTicket, refreshDueTickets } from "@/lib/tickets/watching";

const commentSchema = z.object({ commentId: z.uuid() });

/** Writes one comment back to its ticket. */
export async function writeTicketComment(payload: unknown): Promise<void> {
  await writeComment(commentSchema.parse(payload).commentId);
}

/** Ends sessions whose ticket is over; never waits for a server. */
export async function endForTickets(): Promise<void> {
  await endWithoutTicket();
}

/** Asks for the tickets that are due. */
export async function refreshTickets(): Promise<void> {
  await refreshDueTickets();
}

let turn = 0;

/** Queues what must be said at tickets, lets go of what is over and, now and then, asks who was down. */
export async function lookAfterTickets(): Promise<void> {
  await queueComments();
  await closeLinks();
  turn += 1;
  if (turn % 15 === 0) await checkDownProviders();
  if (turn % 1_800 === 0) await forgetDeliveries();
}
