import "server-only";
import type { NextApiRequest, NextApiResponse } from "next";
import NextAuth, { type AuthOptions } from "next-auth";
import type { Adapter } from "next-auth/adapters";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { logger, loggedError } from "@/lib/platform/logger";
import type { Result } from "@/lib/platform/result";
import { safePath } from "@/lib/platform/safe-path";
import { cookieName, cookieOptions } from "./cookies";
import { readProfile, type SignInProfile } from "./profile";
import { signInLastsSeconds } from "./sign-ins";
import { cookieSecret, newSignInToken } from "./token";

/** What signing in does to the database; `lib/people/mutations.ts` has it. Comes in from above: `auth` stands below features. */
export type SignInStore = {
  readonly admit: (profile: SignInProfile) => Promise<Result<{ personId: string }, "left">>;
  readonly open: (personId: string, token: string) => Promise<Result<unknown, "left">>;
  readonly close: (token: string) => Promise<unknown>;
};

type Claims = Record<string, unknown>;

/** The id of the one provider; part of the redirect address that is registered with it. */
export const providerId = "oidc";

function provider(): OAuthConfig<Claims> {
  const { issuer, clientId, clientSecret } = env.oidc;
  return {
    id: providerId,
    name: "OpenID Connect",
    type: "oauth",
    wellKnown: `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`,
    clientId,
    clientSecret,
    idToken: true,
    checks: ["pkce", "state", "nonce"],
    authorization: { params: { scope: "openid profile email" } },
    userinfo: {
      // The ID token is verified by then. Providers that keep names out of it are asked for them; the library checks
      // that both speak of the same subject.
      async request({ tokens, client }) {
        const claims = tokens.id_token ? decodeClaims(tokens.id_token) : {};
        if (claims["name"] && claims["email"]) return claims;
        const { access_token: accessToken, id_token: idToken } = tokens;
        if (!accessToken || !idToken) return claims;
        const more = await client.userinfo(accessToken);
        return more.sub === claims["sub"] ? { ...more, ...claims } : claims;
      },
    },
    profile(claims) {
      const profile = readProfile(claims, issuer, env.oidc.subjectClaim);
      if (!profile) throw new AppError("integrity", "the ID token is not of the configured issuer or names nobody");
      return { ...profile, id: profile.subject };
    },
  };
}

function decodeClaims(idToken: string): Claims {
  const [, payload = ""] = idToken.split(".");
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Claims;
}

/**
 * next-auth's view of our tables. Tokens of the identity provider go no further than this process's memory; our own
 * is stored as a hash only. `callbacks.signIn` has found or made the person by the time these are called.
 */
function adapter(store: SignInStore, admitted: { personId?: string }): Adapter {
  const unused = () => Promise.reject(new AppError("integrity", "next-auth took a way that Curfew does not offer"));
  return {
    // Never continue an old session: each sign-in gets a new token (session fixation).
    getSessionAndUser: () => Promise.resolve(null),
    getUserByAccount: () =>
      Promise.resolve(admitted.personId ? { id: admitted.personId, email: "", emailVerified: null } : null),
    async createSession({ sessionToken, userId, expires }) {
      const opened = await store.open(userId, sessionToken);
      if (!opened.ok) throw new AppError("forbidden", opened.code);
      return { sessionToken, userId, expires };
    },
    updateSession: () => Promise.resolve(null),
    deleteSession: async (token) => void (await store.close(token)),
    getUser: () => Promise.resolve(null),
    getUserByEmail: () => Promise.resolve(null),
    createUser: unused,
    updateUser: unused,
    linkAccount: unused,
  };
}

function cookies(): NonNullable<AuthOptions["cookies"]> {
  const named = (purpose: Parameters<typeof cookieName>[1], maxAge?: number) => ({
    name: cookieName(env.url, purpose),
    options: { ...cookieOptions(env.url), ...(maxAge === undefined ? {} : { maxAge }) },
  });
  const quarterHour = 15 * 60;
  return {
    sessionToken: named("sign-in"),
    callbackUrl: named("next", quarterHour),
    csrfToken: named("csrf"),
    pkceCodeVerifier: named("pkce", quarterHour),
    state: named("state", quarterHour),
    nonce: named("nonce", quarterHour),
  };
}

function errorOf(meta: unknown): unknown {
  return typeof meta === "object" && meta !== null && "error" in meta ? meta.error : meta;
}

function options(store: SignInStore): AuthOptions {
  const admitted: { personId?: string } = {};
  return {
    secret: cookieSecret(env.secretKey),
    useSecureCookies: env.url.startsWith("https:"),
    providers: [provider()],
    adapter: adapter(store, admitted),
    session: {
      strategy: "database",
      maxAge: signInLastsSeconds,
      updateAge: signInLastsSeconds,
      generateSessionToken: newSignInToken,
    },
    cookies: cookies(),
    pages: { signIn: "/sign-in", error: "/sign-in/error" },
    callbacks: {
      redirect: ({ url, baseUrl }) => `${baseUrl}${safePath(url.startsWith(`${baseUrl}/`) ? url.slice(baseUrl.length) : url)}`,
      // What this throws would go into the address of the error page, so nothing may leave it.
      async signIn({ profile }) {
        try {
          const read = readProfile(profile, env.oidc.issuer);
          if (!read) return "/sign-in/error?reason=provider";
          const answer = await store.admit(read);
          if (!answer.ok) return "/sign-in/error?reason=left";
          admitted.personId = answer.value.personId;
          return true;
        } catch (error) {
          logger.error({ event: "sign-in.fault", err: error });
          return "/sign-in/error?reason=fault";
        }
      },
    },
    logger: {
      error: (code, meta) => logger.warn({ event: "sign-in.library", what: code, err: loggedError(errorOf(meta)) }),
      warn: (code) => logger.warn({ event: "sign-in.library", what: code }),
      debug: () => undefined,
    },
  };
}

/** What we tell next-auth about a request; nothing else of the request reaches it. */
export type LibraryRequest = {
  readonly action: "csrf" | "signin" | "callback";
  readonly method: "GET" | "POST";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
};

export type LibraryAnswer = { readonly location: string | null; readonly setCookies: readonly string[]; readonly json: unknown };

/**
 * Runs next-auth over plain values. Its API-route entry takes any request and response of the right shape, which lets us
 * decide which cookies and parameters it sees; its route-handler entry would read them behind our back.
 */
export async function runNextAuth(store: SignInStore, request: LibraryRequest): Promise<LibraryAnswer> {
  // The library reads its own address from here and, without it, from headers that a client controls.
  process.env["NEXTAUTH_URL"] = env.url;
  const answer = { location: null as string | null, setCookies: [] as string[], json: undefined as unknown };
  const response = {
    status: () => response,
    getHeader: (name: string) => (name.toLowerCase() === "set-cookie" ? answer.setCookies : undefined),
    setHeader(name: string, value: string | string[]) {
      if (name.toLowerCase() === "set-cookie") answer.setCookies = [value].flat();
      if (name.toLowerCase() === "location") answer.location = String(value);
      return response;
    },
    json: (value: unknown) => void (answer.json = value),
    send: (value: unknown) => void (answer.json = value),
    end: () => undefined,
  };
  const path = request.action === "csrf" ? [request.action] : [request.action, providerId];
  const incoming = {
    method: request.method,
    headers: {},
    cookies: request.cookies,
    body: request.body ?? {},
    query: { ...request.query, nextauth: path },
  };
  // The library reads nothing of either object beyond what is here.
  await (NextAuth as LibraryEntry)(incoming as unknown as NextApiRequest, response as unknown as NextApiResponse, options(store));
  return answer;
}

type LibraryEntry = (request: NextApiRequest, response: NextApiResponse, options: AuthOptions) => Promise<void>;
