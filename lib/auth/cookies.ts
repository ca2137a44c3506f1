/**
 * Names of our cookies. On https they carry `__Host-`: bound to this very host, https only, path `/`. On plain loopback
 * http the port is part of the name instead, because cookies know no ports and two installations on one machine would
 * overwrite each other's.
 */
export function cookieName(origin: string, purpose: "sign-in" | "csrf" | "next" | "pkce" | "state" | "nonce"): string {
  const url = new URL(origin);
  return url.protocol === "https:" ? `__Host-curfew-${purpose}` : `curfew-${url.port || "80"}-${purpose}`;
}

/** Attributes of every cookie of ours. */
export function cookieOptions(origin: string) {
  return { httpOnly: true, sameSite: "lax", path: "/", secure: origin.startsWith("https:") } as const;
}
