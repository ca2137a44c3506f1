import "server-only";
import { env } from "@/lib/platform/env";
import { logger } from "@/lib/platform/logger";
import { safePath } from "@/lib/platform/safe-path";
import { cookieName, cookieOptions } from "./cookies";
import { runNextAuth, type SignInStore } from "./next-auth";

/** Why signing in did not work, as the error page knows it. */
export const signInErrors = ["left", "cancelled", "provider", "unreachable", "fault"] as const;
export type SignInError = (typeof signInErrors)[number];

const callbackParameters = ["code", "state", "iss", "error", "error_description"] as const;

function seeOther(location: string, setCookies: readonly string[] = []): Response {
  const headers = new Headers({ location });
  for (const cookie of setCookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** Cookies of a request by name. Attacker-controlled; next-auth opens only what it sealed itself. */
export function readCookies(header: string | null): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? "").split(";")) {
    const [name = "", ...rest] = part.trim().split("=");
    if (!name || cookies.has(name)) continue;
    const value = rest.join("=").replace(/^"(.*)"$/, "$1");
    cookies.set(name, /%/.test(value) ? decode(value) : value);
  }
  return cookies;
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}

/** The csrf cookie is a formality between us and next-auth; the browser needs none, since `route()` compares origins. */
function outward(setCookies: readonly string[]): string[] {
  return setCookies.filter((cookie) => !cookie.startsWith(`${cookieName(env.url, "csrf")}=`));
}

function forgetting(purpose: "sign-in" | "next"): string {
  const { secure } = cookieOptions(env.url);
  return `${cookieName(env.url, purpose)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

function errorPage(reason: SignInError, correlationId: string, setCookies: readonly string[] = []): Response {
  return seeOther(`/sign-in/error?reason=${reason}&id=${correlationId}`, setCookies);
}

/** Where a signed-in browser goes on to. Not to the sign-in pages: they would speak of a failure that never was. */
export function afterSignIn(next: unknown): string {
  const path = safePath(next);
  return /^\/sign-in(\/|\?|#|$)/i.test(path) ? "/" : path;
}

/** What next-auth's answer says about what went wrong: an address of its error page, or of ours with our own reason. */
function errorIn(location: string | null, cancelled: boolean): SignInError {
  const url = new URL(location ?? "/", env.url);
  const reason = signInErrors.find((known) => known === url.searchParams.get("reason"));
  if (url.pathname === "/sign-in/error" && reason) return reason;
  switch (url.searchParams.get("error")) {
    case "OAuthSignin":
      return "unreachable";
    case "OAuthCallback":
      return "provider";
    default:
      return cancelled ? "cancelled" : "fault";
  }
}

/** Sends the browser to the identity provider. `again` asks it to ask for the person anew, as after a sign-out. */
export async function startSignIn(
  store: SignInStore,
  { next, again, correlationId }: { next: string; again: boolean; correlationId: string },
): Promise<Response> {
  const csrf = await runNextAuth(store, { action: "csrf", method: "GET", cookies: {} });
  const [cookie = ""] = csrf.setCookies;
  const { csrfToken = "" } = (csrf.json ?? {}) as { csrfToken?: string };
  const name = cookieName(env.url, "csrf");
  const answer = await runNextAuth(store, {
    action: "signin",
    method: "POST",
    query: again ? { prompt: "login" } : {},
    body: { csrfToken, callbackUrl: `${env.url}${afterSignIn(next)}` },
    cookies: { [name]: readCookies(cookie.split(";", 1)[0] ?? "").get(name) ?? "" },
  });
  const { location } = answer;
  const leadsAway = location !== null && new URL(location, env.url).origin !== env.url;
  if (!leadsAway) return errorPage(errorIn(location, false), correlationId);
  return seeOther(location, outward(answer.setCookies));
}

/** Takes the browser back from the identity provider and signs it in. Ends what it was signed in as before. */
export async function finishSignIn(
  store: SignInStore,
  { request, correlationId }: { request: Request; correlationId: string },
): Promise<Response> {
  const parameters = new URL(request.url).searchParams;
  const query = Object.fromEntries(callbackParameters.flatMap((name) => (parameters.has(name) ? [[name, parameters.get(name) ?? ""]] : [])));
  const given = readCookies(request.headers.get("cookie"));
  const cookies: Record<string, string> = {};
  for (const purpose of ["pkce", "state", "nonce", "next"] as const) {
    const name = cookieName(env.url, purpose);
    const value = given.get(name);
    if (value === undefined || (purpose === "next" && !value.startsWith(`${env.url}/`))) continue;
    cookies[name] = value;
  }
  const answer = await runNextAuth(store, { action: "callback", method: "GET", query, cookies });
  const setCookies = outward(answer.setCookies);
  const isSignedIn = setCookies.some((cookie) => cookie.startsWith(`${cookieName(env.url, "sign-in")}=`));
  if (!isSignedIn) {
    const error = errorIn(answer.location, query["error"] === "access_denied");
    logger.info({ event: "sign-in.error", reason: error, correlationId });
    return errorPage(error, correlationId, setCookies);
  }
  const before = given.get(cookieName(env.url, "sign-in"));
  if (before) await store.close(before);
  const { pathname, search, hash } = new URL(answer.location ?? "/", env.url);
  return seeOther(afterSignIn(`${pathname}${search}${hash}`), [...setCookies, forgetting("next")]);
}

/** Signs this browser out and forgets its cookie. */
export async function signOut(store: SignInStore, request: Request): Promise<Response> {
  const token = readCookies(request.headers.get("cookie")).get(cookieName(env.url, "sign-in"));
  if (token) await store.close(token);
  return seeOther("/sign-in?signed-out=1", [forgetting("sign-in")]);
}
