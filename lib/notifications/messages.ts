import "server-only";
import { createHmac } from "node:crypto";
import { formatClock, formatPlural, formatUtc } from "@/lib/platform/format";
import { sayNotice } from "./sentences";
import type { NoticeKind, NoticeWords } from "./types";

/** A notice on its way out. */
export type Message = { readonly kind: NoticeKind; readonly words: NoticeWords; readonly link: string; readonly createdAt: Date; readonly to: readonly string[] };

type Mail = { readonly subject: string; readonly text: string; readonly html: string };
type Reader = { readonly url: string; readonly timeZone: string; readonly now: Date };

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`);

/** `10:02 (Europe/Zurich)`, with the day where it is another one. */
function timeFor(at: string, { timeZone, now }: Reader): string {
  return timeZone === "UTC" ? formatUtc(at) : `${formatClock(at, now, timeZone)} (${timeZone})`;
}

type Said = { readonly title: string; readonly lines: readonly string[]; readonly action: string; readonly href: string };

function sayTo({ kind, words, link }: Message, reader: Reader): Said {
  const { title, detail, action, until } = sayNotice(kind, words);
  const lines = [...(detail === null ? [] : [detail]), ...(until ? [`${until.label.charAt(0).toUpperCase()}${until.label.slice(1)} ${timeFor(until.at, reader)}.`] : [])];
  return { title, lines, action, href: `${reader.url}${link}` };
}

const footOf = (url: string) => `Nothing is decided by opening a link: the page asks.\nHow you are told: ${url}/inbox/preferences`;

function htmlOf(said: readonly Said[], url: string, head: string | null): string {
  const parts = said.map(
    ({ title, lines, action, href }) =>
      `<h2 style="font-size:16px;margin:24px 0 4px">${escapeHtml(title)}</h2>${lines.map((line) => `<p style="margin:4px 0">${escapeHtml(line)}</p>`).join("")}<p style="margin:8px 0"><a href="${escapeHtml(href)}">${escapeHtml(action)}</a></p>`,
  );
  const top = head === null ? "" : `<p>${escapeHtml(head)}</p>`;
  return `<!doctype html><html lang="en"><body style="font-family:sans-serif;font-size:14px;line-height:1.5">${top}${parts.join("")}<hr><p style="color:#555">Nothing is decided by opening a link: the page asks.<br><a href="${escapeHtml(url)}/inbox/preferences">How you are told</a></p></body></html>`;
}

const textOf = ({ title, lines, action, href }: Said) => [title, ...lines, `${action}: ${href}`].join("\n");

/** One notice as a mail. */
export function mailOf(message: Message, reader: Reader): Mail {
  const said = sayTo(message, reader);
  return { subject: said.title, text: `${textOf(said)}\n\n--\n${footOf(reader.url)}\n`, html: htmlOf([said], reader.url, null) };
}

/** Several notices as the mail of a day; `more` are only counted. */
export function digestOf(messages: readonly Message[], more: number, reader: Reader): Mail {
  const said = messages.map((message) => sayTo(message, reader));
  const subject = `${formatPlural(messages.length + more, "notice")} since your last daily mail`;
  const head = more > 0 ? `The first ${messages.length} of them; the others are in your inbox: ${reader.url}/inbox` : `All of them are in your inbox, too: ${reader.url}/inbox`;
  return { subject, text: `${head}\n\n${said.map(textOf).join("\n\n")}\n\n--\n${footOf(reader.url)}\n`, html: htmlOf(said, reader.url, head) };
}

/** Slack takes `&`, `<` and `>` as markup, above all `<!channel>` (https://api.slack.com/reference/surfaces/formatting). */
const escapeSlack = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const decidable: readonly NoticeKind[] = ["request-to-decide", "request-reminder", "request-escalated"];

/** The body for a Slack-compatible incoming webhook. Links only: each opens the page, and the page asks. */
export function slackBodyOf(message: Message, url: string): string {
  const said = sayTo(message, { url, timeZone: "UTC", now: message.createdAt });
  const links = [`<${said.href}|${escapeSlack(said.action)}>`];
  if (decidable.includes(message.kind)) links.push(`<${said.href}#deny|Deny…>`, `<${said.href}#ask|Ask…>`);
  const asked = message.to.length === 0 ? [] : [`Told: ${message.to.map(escapeSlack).join(", ")}`];
  const text = [`*${escapeSlack(said.title)}*`, ...said.lines.map(escapeSlack), ...asked, links.join(" · ")].join("\n");
  return JSON.stringify({ text: escapeSlack(said.title), unfurl_links: false, unfurl_media: false, blocks: [{ type: "section", text: { type: "mrkdwn", text: text.slice(0, 2_900) } }] });
}

/** The body for other programs (Standard Webhooks): type, time, and what people would read. */
export function standardBodyOf(message: Message, url: string): string {
  const { title, detail, until } = sayNotice(message.kind, message.words);
  const data = { kind: message.kind, title, detail, until: until?.at ?? null, names: message.words, told: message.to, url: `${url}${message.link}` };
  return JSON.stringify({ type: `notice.${message.kind}`, timestamp: message.createdAt.toISOString(), data });
}

/** Signs a body as Standard Webhooks 1.0 says: HMAC-SHA-256 over `id.timestamp.body`. The secret is `whsec_` and base64. */
export function signatureHeaders(secret: string, { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string }): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
}
