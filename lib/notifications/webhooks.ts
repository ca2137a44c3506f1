import "server-only";
import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/transaction";
import { appendEvent } from "@/lib/ledger/append";
import { env } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { seal, unseal } from "@/lib/platform/seal";
import { findSecrets } from "@/lib/platform/secret-scan";
import type { NewWebhook } from "./schema";

const sealedSchema = z.strictObject({ url: z.url(), secret: z.string() });
const mostWebhooks = 50;
const purposeOf = (webhookId: string) => `webhook/${webhookId}`;

type Stored = { readonly id: string; readonly format: string; readonly sealed: Uint8Array; readonly mayBeInside: boolean };

/** Where a webhook really is, and what signs for it; for the worker that calls it alone. */
export function openWebhook({ id, format, sealed, mayBeInside }: Stored) {
  return { ...sealedSchema.parse(unseal(sealed, env.secretKey, purposeOf(id))), format, mayBeInside };
}

type Made = { readonly webhookId: string; /** Shown once; null where the format has none. */ readonly secret: string | null };

/** Sets up a webhook. Its address and secret are kept sealed: for chat, the address itself is the secret. */
export async function makeWebhook({ actor, webhook }: { readonly actor: PersonActor; readonly webhook: NewWebhook }): Promise<Result<Made, "too-many-webhooks" | "name-is-secret" | "unknown-team">> {
  const { name, format, url, groups, teamId, mayBeInside } = webhook;
  if ((await findSecrets(name)).found) return refuse("name-is-secret");
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  return inTransaction(async (tx, now) => {
    if ((await tx.webhook.count({ where: { removedAt: null } })) >= mostWebhooks) return refuse("too-many-webhooks");
    if (teamId !== null && (await tx.team.count({ where: { id: teamId } })) === 0) return refuse("unknown-team");
    const id = newId();
    const { host } = new URL(url);
    const sealed = seal({ url, secret }, env.secretKey, purposeOf(id));
    await tx.webhook.create({ data: { id, name, format, host, sealed, groups: [...groups], teamId, mayBeInside, madeById: actor.personId, madeAt: now } });
    await appendEvent(tx, {
      type: "notification.webhook-made", at: now, actor, subjects: {}, data: { webhookId: id, format, groups: [...groups], teamId, mayBeInside }, clear: { name, host },
    });
    return ok({ webhookId: id, secret: format === "slack" ? null : secret });
  });
}

type OnWebhook = { readonly actor: PersonActor; readonly webhookId: string };

/** Removes a webhook: what waited for it is not sent, and its address and secret are forgotten. */
export function removeWebhook({ actor, webhookId }: OnWebhook): Promise<Result<{ webhookId: string }, "unknown-webhook">> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.webhook.updateMany({ where: { id: webhookId, removedAt: null }, data: { removedAt: now, sealed: new Uint8Array() } });
    if (count === 0) return refuse("unknown-webhook");
    await tx.delivery.updateMany({ where: { webhookId, state: "waiting" }, data: { state: "void", closedAt: now } });
    await appendEvent(tx, { type: "notification.webhook-removed", at: now, actor, subjects: {}, data: { webhookId } });
    return ok({ webhookId });
  });
}

/** Tries a webhook again that was stopped or is left alone for a while. */
export function resumeWebhook({ actor, webhookId }: OnWebhook): Promise<Result<{ webhookId: string }, "unknown-webhook">> {
  return inTransaction(async (tx, now) => {
    const { count } = await tx.webhook.updateMany({ where: { id: webhookId, removedAt: null }, data: { stoppedAt: null, pausedUntil: null, failures: 0 } });
    if (count === 0) return refuse("unknown-webhook");
    await appendEvent(tx, { type: "notification.webhook-resumed", at: now, actor, subjects: {}, data: { webhookId } });
    return ok({ webhookId });
  });
}

/** Sends a message again that was given up; it has all its attempts anew. */
export function resendDelivery({ actor, deliveryId }: { readonly actor: PersonActor; readonly deliveryId: string }): Promise<Result<{ state: "waiting" }, "unknown-delivery" | "not-given-up" | "receiver-gone">> {
  return inTransaction(async (tx, now) => {
    const [row] = await tx.$queryRaw<{ state: string; gone: boolean }[]>`
      select d.state, coalesce(w.removed_at, w.stopped_at, p.left_at) is not null as gone
      from deliveries d left join webhooks w on w.id = d.webhook_id left join people p on p.id = d.person_id
      where d.id = ${deliveryId}::uuid for update of d`;
    if (!row) return refuse("unknown-delivery");
    if (row.state === "waiting" || row.state === "sending") return ok({ state: "waiting" as const });
    if (row.state !== "dead") return refuse("not-given-up");
    if (row.gone) return refuse("receiver-gone");
    await tx.delivery.update({ where: { id: deliveryId }, data: { state: "waiting", attempts: 0, dueAt: now, createdAt: now, closedAt: null } });
    await appendEvent(tx, { type: "notification.resent", at: now, actor, subjects: {}, data: { deliveryId } });
    return ok({ state: "waiting" as const });
  });
}
