import "server-only";
import nodemailer, { type Transporter } from "nodemailer";
import { env } from "@/lib/platform/env";

type Letter = { readonly id: string; readonly to: string; readonly subject: string; readonly text: string; readonly html: string };

/** What became of a mail: taken by the server, refused for good, or to be tried again. */
export type MailAnswer = { readonly ok: true } | { readonly ok: false; readonly code: "mail-refused" | "mail-put-off" | "unreachable" | "timed-out" | "sign-in-refused"; readonly status: number | null; readonly isFinal: boolean };

const waitMs = 15_000;

let transport: { readonly url: string; readonly transporter: Transporter } | null = null;

function transporterFor(url: string): Transporter {
  if (transport?.url !== url) {
    transport?.transporter.close();
    const transporter = nodemailer.createTransport({
      url, pool: true, maxConnections: 2, connectionTimeout: waitMs, greetingTimeout: waitMs, socketTimeout: waitMs, disableFileAccess: true, disableUrlAccess: true,
    });
    transport = { url, transporter };
  }
  return transport.transporter;
}

function failureOf(error: unknown): MailAnswer {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown };
  const status = typeof responseCode === "number" ? responseCode : null;
  if (code === "EAUTH") return { ok: false, code: "sign-in-refused", status, isFinal: false };
  if (code === "ETIMEDOUT") return { ok: false, code: "timed-out", status, isFinal: false };
  if (status === null) return { ok: false, code: "unreachable", status, isFinal: false };
  // RFC 5321 §4.2.1: 4yz may be tried again, 5yz is refused for good.
  return status >= 500 ? { ok: false, code: "mail-refused", status, isFinal: true } : { ok: false, code: "mail-put-off", status, isFinal: false };
}

/** Hands one mail to the mail server. The same id again is the same message to whoever sorts out doubles. */
export async function sendMail({ id, to, subject, text, html }: Letter): Promise<MailAnswer> {
  const { mail } = env;
  if (mail === null) return { ok: false, code: "unreachable", status: null, isFinal: false };
  const headers = { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" };
  const messageId = `<${id}@${new URL(env.url).hostname}>`;
  try {
    await transporterFor(mail.url).sendMail({ from: { name: "Curfew", address: mail.from }, to: { name: "", address: to }, subject, text, html, messageId, headers });
    return { ok: true };
  } catch (error) {
    return failureOf(error);
  }
}

/** Lets go of the mail server. */
export function closeMail(): void {
  transport?.transporter.close();
  transport = null;
}
