import "server-only";

/** What the headers of a page depend on. */
export type PageHeaderOptions = {
  readonly nonce: string;
  /** Where the sign-in form's redirect leads: browsers hold a form to `form-action` through its redirects. */
  readonly issuer: string;
  /** Served over https: then for good. */
  readonly https: boolean;
  /** React's development build needs `eval`, and hot reload a web socket. */
  readonly development: boolean;
};

/**
 * The Content-Security-Policy of every page. Scripts only by nonce (and what those load), styles by nonce; style
 * *attributes* are allowed, because Mantine sets sizes and colours by them and they can neither run nor send anything.
 */
export function contentSecurityPolicy({ nonce, issuer, development }: PageHeaderOptions): string {
  const directives: Record<string, string> = {
    "default-src": "'none'",
    "script-src": `'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    // Development injects styles without a nonce while it reloads them.
    "style-src": development ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`,
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": development ? "'self' ws:" : "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "form-action": `'self' ${new URL(issuer).origin}`,
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");
}

/** All security headers of a page. */
export function pageHeaders(options: PageHeaderOptions): Record<string, string> {
  return {
    "content-security-policy": contentSecurityPolicy(options),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    // Not `no-referrer`: our own forms would then be sent with `Origin: null` and refused.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "private, no-store",
    ...(options.https ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}
