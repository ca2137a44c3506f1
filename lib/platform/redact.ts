import "server-only";

const hidden = "[redacted]";

/** Request headers that may be logged. A list of what is harmless, since nobody can list every header that holds a secret. */
const loggedHeaders = new Set([
  "accept",
  "content-length",
  "content-type",
  "host",
  "next-action",
  "origin",
  "sec-fetch-dest",
  "sec-fetch-mode",
  "sec-fetch-site",
  "user-agent",
]);

/** Property names whose values never reach the log, wherever they appear (pino paths are derived from it). */
export const secretKeys = [
  "authorization",
  "clientSecret",
  "cookie",
  "cookies",
  "id_token",
  "access_token",
  "refresh_token",
  "password",
  "secret",
  "secretKey",
  "secrets",
  "sessionToken",
  "set-cookie",
  "token",
  "verifier",
] as const;

const secretPatterns: readonly (readonly [RegExp, string])[] = [
  // JSON Web Tokens: three base64url parts, the first of which starts with `{"`.
  [/\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g, hidden],
  [/\b(Bearer|Basic)\s+[\w~+/.=-]{8,}/gi, `$1 ${hidden}`],
  [/SCRAM-SHA-256\$[^\s'"]+/g, hidden],
  // Credentials inside a URL.
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi, `$1:${hidden}@`],
  [/([\w-]*(?:password|passwd|secret|token))(["']?\s*[=:]\s*["']?)[^\s"'&,;)]{4,}/gi, `$1$2${hidden}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
];

/** Takes what looks like a secret out of a text that is about to be logged. A second line of defence, not the first. */
export function scrub(text: string): string {
  return secretPatterns.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

/** The headers of a request as they may be logged: never a cookie, an authorization or anything unknown. */
export function redactHeaders(
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const entries = headers instanceof Headers ? [...headers] : Object.entries(headers);
  const kept: Record<string, string> = {};
  for (const [name, value] of entries) {
    if (value === undefined || !loggedHeaders.has(name.toLowerCase())) continue;
    kept[name.toLowerCase()] = scrub(typeof value === "string" ? value : value.join(", "));
  }
  return kept;
}

/** A request's path with the names but not the values of its parameters: an OIDC callback carries its code there. */
export function redactPath(path: string): string {
  const [pathname = "", query] = path.split("#", 1)[0]?.split("?", 2) ?? [];
  if (!query) return pathname;
  const names = [...new Set(new URLSearchParams(query).keys())];
  return `${pathname}?${names.map((name) => `${name}=…`).join("&")}`;
}
