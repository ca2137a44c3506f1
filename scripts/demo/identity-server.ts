import { randomBytes } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { createProvider, nonceHeader, sessionCookie } from "./oidc";
import { personaOf } from "./personas";
import { issuerOf, type ProviderSettings } from "./provider-settings";
import { chooserPage, messagePage } from "./sign-in-page";
import { issueWorkloadToken, knowsSecret, workloadSchema } from "./workload-token";

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly settings: ProviderSettings;
  readonly provider: Provider;
  readonly nonce: string;
};

/** Starts the demo identity provider on loopback. Resolves when it accepts connections. */
export function startIdentityProvider(settings: ProviderSettings): Promise<http.Server> {
  const provider = createProvider(settings);
  const fallback = provider.callback();
  const server = http.createServer((request, response) => {
    const nonce = randomBytes(16).toString("base64");
    const exchange: Exchange = { request, response, settings, provider, nonce };
    secureHeaders(exchange);
    if (!isOurHost(exchange)) return refuse(exchange, 421, "This address is not served here.");
    const own = ownRoute(exchange);
    if (own) {
      own.catch((error: unknown) => {
        console.error(error);
        refuse(exchange, 400, "This sign-in has ended. Start again from Curfew.");
      });
      return;
    }
    request.headers[nonceHeader] = nonce;
    forgetSession(exchange);
    void fallback(request, response);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, "127.0.0.1", () => resolve(server));
  });
}

/** A page on a name that was pointed at loopback (DNS rebinding) must not be able to talk to us. */
function isOurHost({ request, settings }: Exchange): boolean {
  return request.headers.host === `localhost:${settings.port}`;
}

/**
 * Changing persona is what a visitor does all day: each sign-in asks anew, as if there were no session yet. (Asking
 * within a session, the provider would first want to sign the other persona out, with a script.)
 */
function forgetSession({ request, settings }: Exchange): void {
  if (!request.url?.startsWith("/auth")) return;
  const own = sessionCookie(settings);
  const cookies = (request.headers.cookie ?? "").split(/;\s*/).filter((cookie) => !cookie.startsWith(own));
  request.headers.cookie = cookies.join("; ");
}

function secureHeaders({ response, settings, nonce }: Exchange): void {
  response.setHeader(
    "content-security-policy",
    `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self' ${settings.appUrl}; base-uri 'none'; frame-ancestors 'none'`,
  );
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("cache-control", "no-store");
  // Not `no-referrer`: a form would then be sent with `Origin: null`.
  response.setHeader("referrer-policy", "same-origin");
}

function ownRoute(exchange: Exchange): Promise<void> | null {
  const { method, url = "/" } = exchange.request;
  const { pathname } = new URL(url, "http://localhost");
  if (pathname === "/healthz") return Promise.resolve(json(exchange, 200, { ok: true }));
  if (pathname === "/workload/token" && method === "POST") return workloadToken(exchange);
  if (!/^\/interaction\/[\w-]+$/.test(pathname)) return null;
  if (method === "GET") return showChooser(exchange, pathname);
  if (method === "POST") return choose(exchange);
  return null;
}

async function showChooser(exchange: Exchange, pathname: string): Promise<void> {
  await exchange.provider.interactionDetails(exchange.request, exchange.response);
  html(exchange, 200, chooserPage(pathname, exchange.nonce));
}

async function choose(exchange: Exchange): Promise<void> {
  const { request, response, provider, settings } = exchange;
  if (request.headers.origin !== issuerOf(settings)) return refuse(exchange, 403, "Choose on the sign-in page itself.");
  const persona = personaOf(new URLSearchParams(await body(request)).get("sub") ?? "");
  if (!persona) return refuse(exchange, 400, "Nobody of that name is in the demo.");
  await provider.interactionFinished(request, response, { login: { accountId: persona.sub } }, { mergeWithLastSubmission: false });
}

async function workloadToken(exchange: Exchange): Promise<void> {
  const { request, settings } = exchange;
  if (!knowsSecret(settings, request.headers.authorization)) return json(exchange, 401, { error: "unauthorized" });
  const parsed = workloadSchema.safeParse(parseJson(await body(request)));
  if (!parsed.success) return json(exchange, 400, { error: "bad-request", issues: parsed.error.issues });
  return json(exchange, 200, await issueWorkloadToken(settings, parsed.data));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema then says what is missing
  }
}

async function body(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 10_000) throw new Error("request body above 10,000 characters");
  }
  return text;
}

function refuse(exchange: Exchange, status: number, message: string): void {
  if (exchange.response.headersSent) return;
  html(exchange, status, messagePage("This cannot go on", message, exchange.settings.appUrl, exchange.nonce));
}

function html({ response }: Exchange, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(text);
}

function json({ response }: Exchange, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
