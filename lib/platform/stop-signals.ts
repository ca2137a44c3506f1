import "server-only";
import { logger } from "./logger";
import { shutDown } from "./shutdown";

const kept = globalThis as { curfewStopSignals?: boolean };

/**
 * Ends streams and listeners as soon as this process is told to stop. Next's own handler waits for every open request, and
 * a stream is one that never ends by itself.
 */
export function stopStreamsOnSignal(): void {
  if (kept.curfewStopSignals) return;
  kept.curfewStopSignals = true;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      void shutDown().then((failures) => {
        for (const error of failures) logger.warn({ event: "shutdown.failed", err: error });
      });
    });
  }
}
