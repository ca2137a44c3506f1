import type { Refusals } from "@/components/ui/form/act";
import type { MailMode, NoticeGroup, WebhookFormat } from "@/lib/notifications/types";

export const groupNames: Readonly<Record<NoticeGroup, string>> = { decisions: "Waiting for you", own: "What you asked for", trouble: "Trouble", emergency: "Break-glass" };

export const modeNames: Readonly<Record<MailMode, string>> = { "at-once": "at once", daily: "in one mail a day", off: "not by mail" };

export const formatNames: Readonly<Record<WebhookFormat, string>> = { slack: "Slack-compatible", standard: "Standard Webhooks" };

const failures: Readonly<Record<string, string>> = {
  "internal-address": "its address is inside the network",
  "unknown-host": "its name is not known",
  unreachable: "it cannot be reached",
  "timed-out": "it did not answer in 15 s",
  tls: "its certificate is not in order",
  insecure: "it is not https",
  gone: "it answers that it is gone (410)",
  redirect: "it answers with a redirect, which is not followed",
  "put-off": "it asks to wait",
  "answered-no": "it did not take it",
  "too-old": "it waited for three days",
  "mail-refused": "the mail server refused it",
  "mail-put-off": "the mail server put it off",
  "sign-in-refused": "the mail server refused the sign-in",
};

/** Why a message did not arrive, as half a sentence. */
export function failureWords(code: string, status: number | null): string {
  const said = failures[code] ?? code.replaceAll("-", " ");
  return status === null || said.includes(String(status)) ? said : `${said} (${status})`;
}

export const webhookRefusals: Refusals = {
  "too-many-webhooks": "There are 50 webhooks already. Remove one first.",
  "name-is-secret": "The name looks like a secret. Nothing was saved: choose another one.",
  "unknown-team": "This team is not there any more.",
  "unknown-webhook": "This webhook was removed meanwhile.",
  "unknown-delivery": "This message is not kept any more.",
  "not-given-up": "This message was delivered, or is not sent any more.",
  "receiver-gone": "Whoever should get it is not there any more, or its webhook is stopped: try that again first.",
};
