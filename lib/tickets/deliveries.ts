import "server-only";
import { db } from "@/lib/db/client";
import { databaseClock, inTransaction } from "@/lib/db/transaction";
import { logger } from "@/lib/platform/logger";
import { readProvider, readSecrets } from "./data";
import { nativeKeys } from "./rules";
import { ticketSystems } from "./providers/registry";

/** Deliveries are remembered for this long; longer than any sender tries again. */
const rememberedDays = 14;

export type DeliveryOutcome = "taken" | "again" | "forged" | "late" | "unreadable" | "unknown-provider";

/** One line in the log for each delivery that is not taken. The id is what the caller says, and no more than an id. */
export function noteRefusedDelivery(providerId: string, code: string): void {
  logger.warn({ event: "ticket.delivery-refused", providerId, code }, "delivery of a ticket webhook refused");
}

/**
 * Takes a webhook's delivery. What it says is never believed: a valid one only makes its ticket due, so that late, repeated and
 * out-of-order deliveries change nothing. Attacker-controlled input.
 */
export async function takeDelivery(delivery: { readonly providerId: string; readonly headers: Headers; readonly body: Uint8Array }): Promise<DeliveryOutcome> {
  const provider = await readProvider(delivery.providerId);
  const system = provider && provider.isEnabled && provider.kind !== "local" ? ticketSystems[provider.kind] : null;
  const take = system && "webhook" in system ? system.webhook : undefined;
  const secret = take && provider ? (await readSecrets(provider.id)).webhookSecret : "";
  if (!provider || !take || secret === "") return "unknown-provider";
  const taken = take({ headers: delivery.headers, body: delivery.body, secret, now: await databaseClock.now(db) });
  if (!taken.ok) {
    noteRefusedDelivery(provider.id, taken.code);
    return taken.code;
  }
  return inTransaction(async (tx, now) => {
    const made = await tx.ticketDelivery.createMany({ data: [{ providerId: provider.id, deliveryId: taken.deliveryId, receivedAt: now }], skipDuplicates: true });
    if (made.count === 0) return "again";
    if (taken.key !== null && nativeKeys[provider.kind].test(taken.key)) {
      // Only what a request lives on is asked for; a sender cannot make us ask for anything else.
      await tx.ticket.updateMany({ where: { providerId: provider.id, key: taken.key, nextCheckAt: { not: null } }, data: { nextCheckAt: now } });
    }
    return "taken";
  });
}

/** Forgets deliveries that nobody repeats any more. */
export async function forgetDeliveries(): Promise<void> {
  await db.ticketDelivery.deleteMany({ where: { receivedAt: { lt: new Date(Date.now() - rememberedDays * 86_400_000) } } });
}
