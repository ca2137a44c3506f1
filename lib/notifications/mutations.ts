import "server-only";
import type * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import type { Prisma } from "@/lib/db/generated/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { ok, type Result } from "@/lib/platform/result";
import type { preferencesSchema } from "./schema";

/** Lets a person's own browsers count anew: nothing happened that anybody else hears of. */
async function tellOwnBrowsers(tx: Transaction, personId: string): Promise<void> {
  const notice = JSON.stringify({ type: "inbox.read", subjects: { inbox: personId } });
  await tx.$queryRaw`select pg_notify('curfew', ${notice}::text)::text as sent`;
}

/** Marks an entry of one's own inbox as read; an unknown one, or somebody else's, changes nothing. */
export function readItem({ actor, itemId }: { readonly actor: PersonActor; readonly itemId: string }): Promise<Result<{ read: number }, never>> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.inboxItem.updateMany({ where: { id: itemId, personId: actor.personId, readAt: null }, data: { readAt: now } });
    if (count > 0) await tellOwnBrowsers(tx, actor.personId);
    return ok({ read: count });
  });
}

/** Marks everything as read that was told until a moment: what came while somebody looked stays unread. */
export function readAll({ actor, until }: { readonly actor: PersonActor; readonly until: Date }): Promise<Result<{ read: number }, never>> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.inboxItem.updateMany({ where: { personId: actor.personId, readAt: null, createdAt: { lte: until } }, data: { readAt: now } });
    if (count > 0) await tellOwnBrowsers(tx, actor.personId);
    return ok({ read: count });
  });
}

/** Keeps how a person wants to be told, from the next notice on. */
export function savePreferences({ actor, wishes }: { readonly actor: PersonActor; readonly wishes: z.output<typeof preferencesSchema> }): Promise<Result<{ saved: true }, never>> {
  const { decisions, own, trouble, dailyHour, isQuiet, quietFrom, quietUntil, timeZone } = wishes;
  const mail: Prisma.InputJsonObject = { decisions, own, trouble };
  return inTransaction(async (tx, now) => {
    const data = { mail, dailyHour, quietFrom: isQuiet ? quietFrom : null, quietUntil: isQuiet ? quietUntil : null, timeZone, changedAt: now };
    await tx.notificationPreference.upsert({ where: { personId: actor.personId }, create: { personId: actor.personId, ...data }, update: data });
    return ok({ saved: true as const });
  });
}
