import "server-only";
import { setTimeout as sleep } from "node:timers/promises";
import { db } from "@/lib/db/client";
import { logger } from "@/lib/platform/logger";
import { lookUpTicket } from "@/lib/tickets/checking";
import { seenTicket } from "@/lib/tickets/data";
import type { IncidentCheck } from "./types";

/** An emergency waits no longer than this for a ticket system. */
const patienceMs = 3_000;

/**
 * What the ticket system says about an incident; asked before the transaction that decides. A system that does not answer in
 * time is `down`: that is flagged, and never stands in the way by itself.
 */
export async function checkIncident(incident: string): Promise<IncidentCheck> {
  const asked = ask(incident).catch((error: unknown): IncidentCheck => {
    logger.warn({ err: error }, "an incident could not be looked up");
    return "down";
  });
  return Promise.race([asked, sleep(patienceMs, "down" as const, { ref: false })]);
}

async function ask(incident: string): Promise<IncidentCheck> {
  const since = new Date(Date.now() - patienceMs * 2);
  const ticketId = await lookUpTicket(incident);
  if (ticketId === null) return "not-connected";
  const row = await db.ticket.findUniqueOrThrow({ where: { id: ticketId }, select: { facts: true, fetchedAt: true, failures: true } });
  if (row.failures > 0 || row.fetchedAt === null || row.fetchedAt < since) return "down";
  return seenTicket(row).facts?.isOpen === true ? "verified" : "unknown";
}
