import type { Instrumentation } from "next";

/** Runs once before the first request. Must not throw: Next would say "Ready" and then answer 500 for ever. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { stopStreamsOnSignal } = await import("@/lib/platform/stop-signals");
  stopStreamsOnSignal();
}

/** Logs what no edge of ours caught. Gets every header, cookies included; only harmless ones are kept. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { logRequestError } = await import("@/lib/platform/request-error");
  logRequestError(error, request, context);
};
