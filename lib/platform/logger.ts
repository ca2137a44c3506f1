import "server-only";
import pino, { type Logger } from "pino";
import { env } from "./env";
import { scrub, secretKeys } from "./redact";

const depths = ["", "*.", "*.*."];
/** Paths that pino censors, for every secret name at three depths. */
export const redactedPaths: readonly string[] = secretKeys.flatMap((key) =>
  depths.map((depth) => (key.includes("-") ? `${depth.slice(0, -1)}["${key}"]` : `${depth}${key}`)),
);

type LoggedError = { type: string; code?: string; message: string; stack?: string; cause?: LoggedError };

/** An error as it may be logged: its text is scrubbed, and nothing that a driver hung on to it (queries, values) is kept. */
export function loggedError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(String(error)) };
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    type: error.name,
    ...(typeof code === "string" ? { code } : {}),
    message: scrub(error.message),
    ...(error.stack ? { stack: scrub(error.stack) } : {}),
    ...(error.cause !== undefined && depth < 4 ? { cause: loggedError(error.cause, depth + 1) } : {}),
  };
}

function create(): Logger {
  return pino({
    level: env.logLevel,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: [...redactedPaths], censor: "[redacted]" },
    serializers: { err: (error: unknown) => loggedError(error) },
  });
}

const kept = globalThis as { curfewLogger?: Logger };

/** This process's log: JSON lines on standard output. Made at first use, because `next build` has no configuration. */
export const logger: Logger = new Proxy({} as Logger, {
  get(_target, property) {
    kept.curfewLogger ??= create();
    const value: unknown = Reflect.get(kept.curfewLogger, property);
    return typeof value === "function" ? value.bind(kept.curfewLogger) : value;
  },
});
