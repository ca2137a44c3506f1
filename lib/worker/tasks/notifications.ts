import "server-only";
import { forgetOldNotices, giveUpOld, readDueWebhooks } from "@/lib/notifications/delivery";
import { mailNext, postDue } from "@/lib/notifications/outbox";
import { logger } from "@/lib/platform/logger";

/** Receivers that are being served right now: a slow one holds up nobody but itself. */
const busy = new Set<string>();
const mostMailsATurn = 50;

function serve(receiver: string, work: () => Promise<unknown>): void {
  if (busy.has(receiver)) return;
  busy.add(receiver);
  work()
    .catch((error: unknown) => logger.error({ event: "notification.delivery-failed", err: error }))
    .finally(() => busy.delete(receiver));
}

async function mailsDue(): Promise<void> {
  for (let turn = 0; turn < mostMailsATurn && (await mailNext()); turn++);
}

/** Starts sending what is due, and does not wait for it. */
export async function deliverNotices(): Promise<void> {
  for (const webhookId of await readDueWebhooks()) serve(webhookId, () => postDue(webhookId));
  serve("mail", mailsDue);
}

/** Gives up and forgets what is too old. */
export async function clearNotices(): Promise<void> {
  await giveUpOld();
  await forgetOldNotices();
}
