"use server";

import { action } from "@/lib/auth/action";
import { readAll, readItem, savePreferences } from "./mutations";
import { deliveryIdSchema, inboxItemSchema, newWebhookSchema, preferencesSchema, readAllSchema, webhookIdSchema } from "./schema";
import { makeWebhook, removeWebhook, resendDelivery, resumeWebhook } from "./webhooks";

export const readItemAction = action({
  name: "inbox.read",
  permission: "inbox:view",
  input: inboxItemSchema,
  run: ({ actor, input }) => readItem({ actor, itemId: input.itemId }),
});

export const readAllAction = action({
  name: "inbox.read-all",
  permission: "inbox:view",
  input: readAllSchema,
  run: ({ actor, input }) => readAll({ actor, until: new Date(input.until) }),
});

export const savePreferencesAction = action({
  name: "inbox.save-preferences",
  permission: "inbox:view",
  input: preferencesSchema,
  run: ({ actor, input }) => savePreferences({ actor, wishes: input }),
});

export const makeWebhookAction = action({
  name: "webhook.make",
  permission: "webhook:manage",
  input: newWebhookSchema,
  lists: ["groups"],
  // For chat, the address itself is the secret.
  secret: ["url"],
  run: ({ actor, input }) => makeWebhook({ actor, webhook: input }),
});

export const removeWebhookAction = action({
  name: "webhook.remove",
  permission: "webhook:manage",
  input: webhookIdSchema,
  run: ({ actor, input }) => removeWebhook({ actor, webhookId: input.webhookId }),
});

export const resumeWebhookAction = action({
  name: "webhook.resume",
  permission: "webhook:manage",
  input: webhookIdSchema,
  run: ({ actor, input }) => resumeWebhook({ actor, webhookId: input.webhookId }),
});

export const resendDeliveryAction = action({
  name: "webhook.resend",
  permission: "webhook:manage",
  input: deliveryIdSchema,
  run: ({ actor, input }) => resendDelivery({ actor, deliveryId: input.deliveryId }),
});
