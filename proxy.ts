import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { nonceHeader, passiveHeader, pathHeader } from "@/lib/auth/request-headers";
import { correlationHeader } from "@/lib/platform/correlation-header";
import { env, isLoopbackUrl } from "@/lib/platform/env";
import { newId } from "@/lib/platform/ids";
import { pageHeaders } from "@/lib/platform/page-headers";

/** Somebody typed 127.0.0.1 where the address is localhost, on this machine: told the address. Nobody else is told anything. */
function turnedAway(host: string): NextResponse {
  const isHere = isLoopbackUrl(env.url) && isLoopbackUrl(`http://${host}`);
  const text = isHere ? `Curfew is at ${env.url}\n` : "This server does not answer for that host.\n";
  return new NextResponse(text, {
    status: 421,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
}

/**
 * A live page that refreshes itself: a fetch for the very address that it comes from. It must not keep an unattended
 * browser signed in. (A person going somewhere comes from another address, and submitting is no GET.)
 */
function isPassive(request: NextRequest, path: string): boolean {
  if (request.method !== "GET" || request.headers.get("sec-fetch-mode") === "navigate") return false;
  const referer = request.headers.get("referer");
  if (referer === null || !URL.canParse(referer)) return false;
  const from = new URL(referer);
  return from.origin === env.url && `${from.pathname}${from.search}` === path;
}

/**
 * Every page and server action passes here: exact host (DNS rebinding), a nonce of its own for the Content-Security-Policy,
 * and what pages need to know about the request. It decides nothing about who may see what; loaders and actions do.
 */
export function proxy(request: NextRequest): NextResponse {
  const host = request.headers.get("host") ?? "";
  if (host !== new URL(env.url).host) return turnedAway(host);

  const nonce = randomBytes(16).toString("base64");
  const correlationId = newId();
  const development = process.env.NODE_ENV === "development";
  const security = pageHeaders({ nonce, issuer: env.oidc.issuer, https: env.url.startsWith("https:"), development });
  const headers = new Headers(request.headers);
  headers.set(nonceHeader, nonce);
  const path = `${request.nextUrl.pathname}${request.nextUrl.search}`;
  headers.set(pathHeader, path);
  headers.set(passiveHeader, isPassive(request, path) ? "1" : "0");
  headers.set(correlationHeader, correlationId);
  // Next reads the nonce for its own scripts from here.
  headers.set("content-security-policy", security["content-security-policy"] ?? "");

  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(security)) response.headers.set(name, value);
  response.headers.set("x-correlation-id", correlationId);
  return response;
}

export const config = {
  // Never `/api` and `/scim`: a matched proxy cuts bodies at 10 MB in silence, and `route()` makes its own, stricter checks there.
  matcher: ["/((?!api(?:/|$)|scim(?:/|$)|_next/static|_next/image).*)"],
};
