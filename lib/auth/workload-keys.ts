import "server-only";
import { createRemoteJWKSet, customFetch, type FetchImplementation, type RemoteJWKSet } from "jose";
import { readBody } from "@/lib/platform/body";
import { AppError } from "@/lib/platform/errors";

const timeoutMs = 5_000;
/** An unknown key id makes us look again, but not more often than this: forged tokens must not turn us on the issuer. */
const cooldownMs = 30_000;
/** After a failed fetch everybody waits this long: an issuer that is down is not to be hammered by forged tokens either. */
const failureCooldownMs = 5_000;
const maxAgeMs = 10 * 60_000;
const maxKeySetBytes = 256 * 1024;

/** Fetches a key set from the configured address and nowhere else: no redirects, limits on size and time. */
async function fetchKeySet(url: string, headers: Headers, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { headers, signal, redirect: "error", cache: "no-store" });
  if (response.status !== 200) throw new AppError("unavailable", `key set: HTTP ${response.status}`);
  const body = await readBody(response.body, maxKeySetBytes, response.headers.get("content-length"));
  if (!body.ok) throw new AppError("unavailable", `key set: ${body.code}`);
  return new Response(Buffer.from(body.bytes), { status: 200, headers: { "content-type": "application/json" } });
}

function guardedFetch(): FetchImplementation {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (url, { headers, signal }) => {
    if (performance.now() < failedAt + failureCooldownMs) throw new AppError("unavailable", "key set: failed a moment ago");
    try {
      return await fetchKeySet(url, headers, signal);
    } catch (error) {
      failedAt = performance.now();
      throw error;
    }
  };
}

const keySets = new Map<string, RemoteJWKSet>();

/** The keys at an address that the configuration trusts; cached, and fetched again when they are old or a key is new. */
export function keySetAt(jwksUri: string): RemoteJWKSet {
  let keys = keySets.get(jwksUri);
  if (!keys) {
    keys = createRemoteJWKSet(new URL(jwksUri), {
      timeoutDuration: timeoutMs,
      cooldownDuration: cooldownMs,
      cacheMaxAge: maxAgeMs,
      [customFetch]: guardedFetch(),
    });
    keySets.set(jwksUri, keys);
  }
  return keys;
}
