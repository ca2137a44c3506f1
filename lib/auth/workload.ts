import "server-only";
import { decodeJwt, errors, jwtVerify, type JWTPayload } from "jose";
import { db } from "@/lib/db/client";
import { env, type WorkloadIssuer } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { ok, refuse, type Result } from "@/lib/platform/result";
import type { WorkloadAnswer } from "@/lib/platform/route";
import type { WorkloadActor } from "./actor";
import { keySetAt } from "./workload-keys";

/** Asymmetric only: with a shared secret in the list, a public key could be used as one. */
const algorithms = ["RS256", "ES256", "EdDSA"];
const longestLifeSeconds = 15 * 60;
const clockToleranceSeconds = 10;
const longestToken = 8_192;
const emailPattern = /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,190}$/u;

/** Why a token was refused. Told to the caller: it says nothing that the holder of the token does not know. */
export type TokenRefusal =
  | "token-missing"
  | "token-malformed"
  | "issuer-unknown"
  | "token-expired"
  | "token-not-yet-valid"
  | "token-too-long-lived"
  | "audience-wrong"
  | "token-not-verified"
  | "actor-malformed";

/** Why a verified workload may not act. */
export type IdentityRefusal = "identity-unknown" | "identity-vanished" | "identity-suspended" | "actor-ambiguous";

/** What a verified token says. */
export type WorkloadClaims = {
  readonly issuer: string;
  readonly subject: string;
  readonly tokenId: string | null;
  /** E-mail address of the person who triggered the job, as the issuer attests it. */
  readonly actorEmail: string | null;
};

function bearer(authorization: string | null): Result<string, TokenRefusal> {
  const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? "") ?? [];
  if (token === undefined) return refuse(authorization ? "token-malformed" : "token-missing");
  return token.length > longestToken ? refuse("token-malformed") : ok(token);
}

function refusalOf(error: errors.JOSEError): TokenRefusal {
  if (error instanceof errors.JWTExpired) return "token-expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "aud") return "audience-wrong";
    if (error.reason === "check_failed" && (error.claim === "nbf" || error.claim === "iat")) return "token-not-yet-valid";
  }
  return "token-not-verified";
}

/** True where the key set, not the token, was the trouble: the caller may come again later. */
function isKeySetTrouble(error: unknown): boolean {
  return (
    !(error instanceof errors.JOSEError) ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    error.code === errors.JOSEError.code
  );
}

function claimsOf(payload: JWTPayload, issuer: string): Result<WorkloadClaims, TokenRefusal> {
  const { sub, exp, iat, jti } = payload;
  if (!sub || sub.length > 255 || sub.includes("\0")) return refuse("token-not-verified");
  if (exp === undefined || iat === undefined || exp - iat > longestLifeSeconds) return refuse("token-too-long-lived");
  const actor: unknown = payload["actor"] ?? null;
  // An attested actor that cannot be read must not pass as "nobody triggered this".
  if (actor !== null && (typeof actor !== "string" || !emailPattern.test(actor))) return refuse("actor-malformed");
  const tokenId = typeof jti === "string" && jti.length <= 200 && !jti.includes("\0") ? jti : null;
  return ok({ issuer, subject: sub, tokenId, actorEmail: actor });
}

/**
 * Verifies a workload token: issuer, keys and audience come from the configuration alone; what the token's header offers
 * as keys (`jku`, `x5u`, `jwk`) is never looked at. Throws `unavailable` when the issuer's keys cannot be had.
 */
export async function verifyWorkloadToken(
  authorization: string | null,
  issuers: readonly WorkloadIssuer[],
): Promise<Result<WorkloadClaims, TokenRefusal>> {
  const token = bearer(authorization);
  if (!token.ok) return token;
  try {
    // Not yet verified: only picks which configured issuer to verify against.
    const claimed = decodeJwt(token.value).iss;
    const trusted = issuers.find(({ issuer }) => issuer === claimed);
    if (!trusted) return refuse("issuer-unknown");
    const { payload } = await jwtVerify(token.value, keySetAt(trusted.jwksUri), {
      issuer: trusted.issuer,
      audience: trusted.audience,
      algorithms,
      requiredClaims: ["exp", "iat", "sub"],
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: longestLifeSeconds,
    });
    return claimsOf(payload, trusted.issuer);
  } catch (error) {
    if (isKeySetTrouble(error)) throw new AppError("unavailable", "the workload issuer's keys cannot be had", { cause: error });
    return refuse(refusalOf(error as errors.JOSEError));
  }
}

async function personOf(email: string | null): Promise<Result<string | null, IdentityRefusal>> {
  if (email === null) return ok(null);
  // Not `ILIKE`, to which `_` and `%` in an address would be wildcards.
  const people = await db.$queryRaw<{ id: string; left: boolean }[]>`
    select id, left_at is not null as left from people where lower(email) = lower(${email}) limit 10`;
  const present = people.filter(({ left }) => !left);
  const [only, ...others] = present.length > 0 ? present : people;
  // Two persons with one address: whoever it is must not be able to vote as the other one.
  if (others.length > 0) return refuse("actor-ambiguous");
  return ok(only?.id ?? null);
}

/** The identity that a verified workload acts as: exactly one, and one that may act. */
export async function workloadActor(claims: WorkloadClaims): Promise<Result<WorkloadActor, IdentityRefusal>> {
  const identity = await db.identity.findUnique({
    where: { workloadIssuer_workloadSubject: { workloadIssuer: claims.issuer, workloadSubject: claims.subject } },
    select: { id: true, name: true, state: true, vanishedAt: true },
  });
  if (!identity) return refuse("identity-unknown");
  if (identity.vanishedAt !== null) return refuse("identity-vanished");
  if (identity.state === "suspended" || identity.state === "offboarded") return refuse("identity-suspended");
  const triggeredBy = await personOf(claims.actorEmail);
  if (!triggeredBy.ok) return triggeredBy;
  return ok({
    kind: "workload",
    identityId: identity.id,
    name: identity.name,
    issuer: claims.issuer,
    subject: claims.subject,
    tokenId: claims.tokenId,
    triggeredById: triggeredBy.value,
  });
}

/** Who calls with this `Authorization` header: verified token first, then the identity behind it. */
export async function authenticateWorkload(authorization: string | null): Promise<WorkloadAnswer<WorkloadActor>> {
  const claims = await verifyWorkloadToken(authorization, env.workloadIssuers);
  if (!claims.ok) return { ok: false, status: 401, code: claims.code };
  const actor = await workloadActor(claims.value);
  return actor.ok ? actor : { ok: false, status: 403, code: actor.code };
}
