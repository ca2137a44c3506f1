const longest = 2_000;
// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const dangerous = /[\u0000-\u001f\u007f\\]/;

/** True when no round of percent-decoding turns the path into another host or smuggles a control character in. */
function staysHere(pathname: string): boolean {
  let text = pathname;
  for (let round = 0; round < 4; round++) {
    if (dangerous.test(text) || text.startsWith("//") || !text.startsWith("/")) return false;
    if (!text.includes("%")) return true;
    let decoded: string;
    try {
      decoded = decodeURIComponent(text);
    } catch (error) {
      if (error instanceof URIError) return false;
      throw error;
    }
    if (decoded === text) return true;
    text = decoded;
  }
  // Encoded more than four times over: nobody needs that.
  return false;
}

/**
 * A place within this site to go on to (`next`, `callbackUrl`), or `fallback`. Attacker-controlled input. Takes only
 * an absolute path of our own origin: no `//host`, no backslash, no control character, also not percent-encoded or
 * after the browser's own normalisation (`/.//host` becomes `//host`). Never leads to a route handler.
 */
export function safePath(next: unknown, fallback = "/"): string {
  if (typeof next !== "string" || next.length === 0 || next.length > longest) return fallback;
  if (dangerous.test(next) || next.includes(" ")) return fallback;
  if (!next.startsWith("/") || next.startsWith("//")) return fallback;
  const base = "http://origin.invalid";
  if (!URL.canParse(next, base)) return fallback;
  const url = new URL(next, base);
  if (url.origin !== base || !staysHere(url.pathname)) return fallback;
  if (/^\/api(\/|$)/i.test(decodeURIComponent(url.pathname))) return fallback;
  return `${url.pathname}${url.search}${url.hash}`;
}
