import "server-only";
import { correlationHeader } from "./correlation-header";
import { logger } from "./logger";
import { redactHeaders, redactPath } from "./redact";

type FailedRequest = {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
};

/** Logs an error that reached Next's own edge: a page that could not be rendered. `digest` is what `error.tsx` shows. */
export function logRequestError(
  error: unknown,
  request: FailedRequest,
  context: { readonly routePath: string; readonly routeType: string },
): void {
  const digest: unknown = typeof error === "object" && error !== null && "digest" in error ? error.digest : undefined;
  logger.error({
    event: "request.fault",
    method: request.method,
    path: redactPath(request.path),
    route: context.routePath,
    routeType: context.routeType,
    headers: redactHeaders(request.headers),
    correlationId: request.headers[correlationHeader],
    ...(typeof digest === "string" ? { digest } : {}),
    err: error,
  });
}
