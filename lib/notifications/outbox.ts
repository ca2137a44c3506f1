import "server-only";
import { env } from "@/lib/platform/env";
import { callOutside } from "@/lib/platform/outbound";
import { claimMail, claimPosts, recordMails, recordPost, type Attempt, type Outcome } from "./delivery";
import { sendMail } from "./mail";
import { digestOf, mailOf, signatureHeaders, slackBodyOf, standardBodyOf } from "./messages";
import { retryAfterMs } from "./rules";
import { openWebhook } from "./webhooks";

const postTimeoutMs = 15_000;
const postsAtOnce = 5;
const digestShows = 50;

type Receiver = ReturnType<typeof openWebhook>;

/** What an answer's status means (Standard Webhooks: 2xx alone is success, and no redirect is followed). */
function outcomeOf(status: number, retryAfter: string | undefined, now: Date): Outcome {
  if (status >= 200 && status < 300) return { ok: true, status };
  if (status === 410) return { ok: false, code: "gone", status };
  if (status >= 300 && status < 400) return { ok: false, code: "redirect", status };
  const slowDown = [429, 502, 503, 504].includes(status);
  return { ok: false, code: slowDown ? "put-off" : "answered-no", status, askedMs: slowDown ? retryAfterMs(retryAfter, now) : null };
}

async function post({ id, message }: Attempt, receiver: Receiver): Promise<Outcome> {
  const isSlack = receiver.format === "slack";
  const body = isSlack ? slackBodyOf(message, env.url) : standardBodyOf(message, env.url);
  const at = new Date();
  const signed = isSlack ? {} : signatureHeaders(receiver.secret, { id, at, body });
  const answer = await callOutside({
    method: "POST", url: receiver.url, body, mayBeInside: receiver.mayBeInside, timeoutMs: postTimeoutMs, mostBytes: null,
    headers: { "content-type": "application/json; charset=utf-8", "user-agent": "Curfew", ...signed },
  });
  return answer.ok ? outcomeOf(answer.status, answer.headers["retry-after"], at) : { ok: false, code: answer.code, status: null };
}

/** Sends what is due at one webhook; answers how many attempts were made. */
export async function postDue(webhookId: string): Promise<number> {
  const claimed = await claimPosts(webhookId, postsAtOnce);
  if (!claimed) return 0;
  const receiver = openWebhook(claimed.webhook);
  await Promise.all(claimed.attempts.map(async (attempt) => recordPost(webhookId, attempt.id, await post(attempt, receiver))));
  return claimed.attempts.length;
}

/** Sends the next mail that is due; false where none is. */
export async function mailNext(): Promise<boolean> {
  const claimed = env.mail === null ? null : await claimMail();
  if (claimed === null) return false;
  const first = claimed === "dropped" ? undefined : claimed.attempts[0];
  if (claimed === "dropped" || !first) return true;
  const reader = { url: env.url, timeZone: claimed.timeZone, now: claimed.now };
  const messages = claimed.attempts.map(({ message }) => message);
  const letter = claimed.isDigest ? digestOf(messages.slice(0, digestShows), Math.max(0, messages.length - digestShows), reader) : mailOf(first.message, reader);
  const answer = await sendMail({ id: first.id, to: claimed.to, ...letter });
  await recordMails(claimed.attempts.map(({ id }) => id), answer.ok ? { ok: true, status: null } : answer);
  return true;
}
